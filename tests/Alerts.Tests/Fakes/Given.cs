using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Alerts.Writing;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Alerts.Tests.Fakes;

/// <summary>Rules, findings and acts that the tests speak of.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Dawn = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly AlertRule Building = Rule("building-without-approval", AlertEnding.ByHuman) with { FiresFrom = Verdict.Review };
    public static readonly AlertRule Confirmed = Rule("confirmed-twice", AlertEnding.ByHuman) with { For = TimeSpan.FromMinutes(20) };
    public static readonly AlertRule Noise =
        Rule("noise-night", AlertEnding.ByData) with { For = TimeSpan.FromMinutes(10), KeepFiringFor = TimeSpan.FromMinutes(15) };

    public static readonly AlertRule Dust = Rule("dust-limit", AlertEnding.ByData);

    public static IAlertRules Rules { get; } = new FixedRules(Building, Confirmed, Noise, Dust);

    public static AlertRule Rule(string id, AlertEnding ends) =>
        new(id, "1", id, id, TimeSpan.Zero, TimeSpan.Zero, Severity.Major, ends);

    public static Subject Site(string id = "s1") => new(SubjectKind.Site, id);

    public static Subject Stream(string id = "d1/noise") => new(SubjectKind.Datastream, id);

    /// <param name="end">Minutes after <see cref="Dawn"/>.</param>
    public static Finding Finding(
        AlertRule rule,
        Subject subject,
        double end,
        FindingCondition condition = FindingCondition.Holds,
        double length = 5,
        Severity severity = Severity.Major,
        Verdict verdict = Verdict.Conflict,
        string reason = "no-approval",
        string id = "") => new()
        {
            Id = id.Length > 0 ? id : FindingId.Of(rule.Id, subject.ToString(), end.ToString("R", System.Globalization.CultureInfo.InvariantCulture), condition.ToString(), severity.ToString(), verdict.ToString(), reason),
            RuleId = rule.Id,
            RuleVersion = "1",
            DetectorId = "test",
            DetectorVersion = "1",
            Subject = subject,
            Condition = condition,
            Severity = severity,
            PhenomenonStart = Dawn.AddMinutes(end - length),
            PhenomenonEnd = Dawn.AddMinutes(end),
            DetectedAt = Dawn.AddMinutes(end),
            RegionCode = "320102",
            Where = subject.Kind is SubjectKind.Site ? Place : null,
            Score = 0.9,
            Verdict = verdict,
            Reasons = [Reason.Of(reason, ("area_m2", "1200"))],
            Inputs = [],
        };

    public static Finding Clears(AlertRule rule, Subject subject, double end, string reason = "limit-cleared") =>
        Finding(rule, subject, end, FindingCondition.Clears, reason: reason);

    public static Outline Place { get; } = new(
        new GeometryFactory().ToGeometry(new Envelope(118.78, 118.79, 32.04, 32.05)), 1_000_000, "EPSG:4490");

    public static EvidencePhoto Photo(byte first = 0xFF)
    {
        byte[] bytes = [first, 0xD8, 0xFF, 0xE0, 1, 2, 3];
        return new EvidencePhoto(Convert.ToHexStringLower(SHA256.HashData(bytes)), "image/jpeg", bytes);
    }

    public static FieldVerification Visit(FieldOutcome outcome, DateTimeOffset at, params EvidencePhoto[] photos) =>
        new(outcome, "王芳", at, "现场核查", [.. photos.Select(static p => p.Sha256)]);

    private sealed class FixedRules(params AlertRule[] rules) : IAlertRules
    {
        public IReadOnlyList<AlertRule> All { get; } = [.. rules.OrderBy(static r => r.Id, StringComparer.Ordinal)];

        public AlertRule? Find(string ruleId) => rules.FirstOrDefault(r => r.Id == ruleId);
    }
}

/// <summary>A room on memory stores.</summary>
internal sealed class Room : IDisposable
{
    public Room(AlertsOptions? options = null, MemoryAlertStore? store = null, MemoryFindingStore? findings = null, FakeTimeProvider? clock = null)
    {
        Options = options ?? new AlertsOptions();
        Store = store ?? new MemoryAlertStore();
        Findings = findings ?? new MemoryFindingStore();
        Clock = clock ?? new FakeTimeProvider(Given.Dawn.AddDays(1));
        Commands = new AlertCommands(Options, Clock);
        Pipeline = new AlertPipeline(Findings, Store, Store, Given.Rules, Bus, Commands, Ledger, Options, Clock, NullLogger<AlertPipeline>.Instance);
    }

    public AlertsOptions Options { get; }

    public MemoryAlertStore Store { get; }

    public MemoryFindingStore Findings { get; }

    public FakeTimeProvider Clock { get; }

    public SignalBus Bus { get; } = new();

    public AlertLedger Ledger { get; } = new();

    public AlertCommands Commands { get; }

    public AlertPipeline Pipeline { get; }

    public async Task TakeAsync(params Finding[] findings)
    {
        Findings.Add(findings);
        await Pipeline.RecallAsync(TestContext.Current.CancellationToken);
        while (await Pipeline.FlowAsync(TestContext.Current.CancellationToken))
        {
        }
    }

    public void Dispose()
    {
        Pipeline.Dispose();
        Ledger.Dispose();
    }
}
