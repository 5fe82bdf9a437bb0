using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Monitoring.TestKit.World;

/// <summary>
/// A simulated province of candidates with a known truth and a known posterior. Frozen: constants and draws are part of <see cref="Version"/>, and a test fails
/// when the output of a version changes. docs/algorithms/violation-model.md states every assumption. It lives with the tests because bench and tests need it
/// and the product must not ship it. Deterministic; an instance is for one thread.
/// </summary>
public sealed class ViolationWorld
{
    /// <summary>Raised with every change of the output, never in the course of tuning a model.</summary>
    public const int Version = 1;

    public const double SideKilometers = 30;

    private const double RandomSampleRate = 0.04;
    private const double PushedFrom = 8.2;

    /// <summary>Recorded outcomes that are wrong.</summary>
    private const double VerificationError = 0.02;

    private static readonly WorldScenario[] Scenarios = Enum.GetValues<WorldScenario>();
    private static readonly DateTimeOffset Start = new(2021, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly WorldSettings _settings;
    private readonly ScenarioModel[] _models;

    public ViolationWorld(WorldSettings settings)
    {
        _settings = settings;
        var table = ScenarioTable.For(settings);
        _models = [.. Scenarios.Select(s => table[s])];
    }

    /// <summary>All candidates of all counties, each county in the order of time. Lazily, a county at a time.</summary>
    /// <param name="seed">Worlds of different seeds share nothing but the constants.</param>
    public IEnumerable<WorldCandidate> Candidates(ulong seed)
    {
        for (var county = 0; county < _settings.Counties; county++)
        {
            foreach (var candidate in County((seed * 1_000_003) + (ulong)county))
            {
                yield return candidate;
            }
        }
    }

    /// <summary>SHA-256 over what is observed, true and recorded, each number to three decimals.</summary>
    public static string Digest(IEnumerable<WorldCandidate> candidates)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[8];
        foreach (var c in candidates)
        {
            var o = c.Seen;
            foreach (var value in (ReadOnlySpan<double>)
                [
                    c.Month, c.X, c.Y, (int)c.Truth, c.Posterior, (int)c.FoundBy, c.Outcome is { } known ? known ? 1 : 0 : -1, o.LogitScore, (int)o.Kind, o.LogitCertainty,
                    o.LogArea, o.Growth, o.Passes, o.DaysSinceFirst, o.DeviceMeters ?? -1, o.Night, o.Dust, o.Trucks, o.Power, o.NightStrength, o.InsideBoundary ? 1 : 0,
                    o.FarmlandShare, o.RedLineShare, o.UseFits is { } fits ? fits ? 1 : 0 : -1, o.PermitShare, o.PermitMeters, o.ExpiredPermit ? 1 : 0, o.AppliedPermit ? 1 : 0,
                    o.TemporaryPermit ? 1 : 0, o.FacilityRecord ? 1 : 0, o.PermitDays, o.Confirmed1, o.Confirmed3, o.Dismissed1, o.Dismissed3,
                ])
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes, double.IsNaN(value) ? long.MinValue : (long)Math.Round(value * 1000));
                hash.AppendData(bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private IEnumerable<WorldCandidate> County(ulong seed)
    {
        var random = new WorldRandom(seed);
        var land = new CountyLand(random, random.Pick([.. _settings.RegionMix]));
        var recorded = new RecordedOutcomes();
        for (var month = 0; month < _settings.Months; month++)
        {
            var first = Start.AddMonths(month);
            var days = DateTime.DaysInMonth(first.Year, first.Month);
            for (var i = 0; i < _settings.CandidatesPerMonth; i++)
            {
                // Evenly over the month and in the order of time: what is recorded before is known.
                var at = first.AddSeconds(Math.Floor((i + 0.5) / _settings.CandidatesPerMonth * days * 86_400));
                var (x, y) = land.Place(random);
                yield return Draw($"{seed:x}-{month:00}-{i:000}", month, at, x, y, land, recorded, random);
            }
        }
    }

    private WorldCandidate Draw(string id, int month, DateTimeOffset at, double x, double y, CountyLand land, RecordedOutcomes recorded, WorldRandom random)
    {
        var inside = random.Chance(land.Urban(x, y));
        var (confirmed1, confirmed3, dismissed1, dismissed3) = recorded.Around(x, y, at);
        var observed = new WorldObservation
        {
            AsOf = at, Years = (at - Start).TotalDays / 365.25, InsideBoundary = inside, FarmlandShare = land.Farmland(x, y, inside, random), RedLineShare = land.RedLine(x, y, inside, random),
            Confirmed1 = confirmed1, Confirmed3 = confirmed3, Dismissed1 = dismissed1, Dismissed3 = dismissed3,
            DeviceMeters = random.Chance(inside ? _settings.DeviceInside : _settings.DeviceOutside) ? random.Between(20, 500) : null,
            LogitScore = 0, Kind = 0, LogitCertainty = 0, LogArea = 0, Growth = double.NaN, Passes = 1, DaysSinceFirst = 0, Night = 0, Dust = 0, Trucks = 0, Power = 0,
            NightStrength = double.NaN, UseFits = null, PermitShare = 0, PermitMeters = double.NaN, ExpiredPermit = false, AppliedPermit = false, TemporaryPermit = false,
            FacilityRecord = false, PermitDays = double.NaN,
        };

        Span<double> prior = stackalloc double[Scenarios.Length];
        Prior(observed, prior);
        var truth = Scenarios[random.Pick(prior)];
        observed = WorldDraws.Observe(_models[(int)truth], observed, random);
        var posterior = WorldDraws.Posterior(_models, prior, observed);
        var violation = truth is WorldScenario.Unapproved or WorldScenario.BeyondOutline or WorldScenario.DisguisedGreenhouse;
        var (found, chance) = Inspect(observed, violation, random);
        bool? outcome = null;
        DateTimeOffset? decided = null;
        if (found is not WorldFoundBy.Nobody)
        {
            outcome = violation != random.Chance(VerificationError);
            decided = at.AddDays(random.Between(7, 60));
            recorded.Add(x, y, decided.Value, outcome.Value);
        }

        return new WorldCandidate(id, month, x, y, observed, truth, posterior, found, chance, outcome, decided);
    }

    private void Prior(WorldObservation observed, Span<double> prior)
    {
        var sum = 0.0;
        for (var s = 0; s < Scenarios.Length; s++)
        {
            sum += prior[s] = _models[s].Base * Math.Exp(ScenarioTable.Pull(Scenarios[s], observed));
        }

        for (var s = 0; s < Scenarios.Length; s++)
        {
            prior[s] /= sum;
        }
    }

    /// <summary>Who goes there. All but complaints depend on what is observed alone, so that they bias numbers, not truth given the features.</summary>
    private static (WorldFoundBy Found, double Chance) Inspect(WorldObservation o, bool violation, WorldRandom random)
    {
        var ranked = o.Verdict switch { WorldVerdict.Conflict => 0.40, WorldVerdict.Review => 0.12, _ => 0.02 };
        var patrol = o.InsideBoundary ? 0.10 : 0.03;
        var pushed = o.LogArea >= PushedFrom;
        var chance = pushed ? 1 : 1 - ((1 - RandomSampleRate) * (1 - ranked) * (1 - patrol));
        var (sampled, sent, seen, called) = (random.Chance(RandomSampleRate), random.Chance(ranked), random.Chance(patrol), random.Chance(violation ? 0.20 : 0.02));
        var found = sampled ? WorldFoundBy.RandomSample
            : pushed ? WorldFoundBy.Pushed
            : sent ? WorldFoundBy.Ranked
            : seen ? WorldFoundBy.Patrol
            : called ? WorldFoundBy.Complaint
            : WorldFoundBy.Nobody;
        return (found, chance);
    }
}
