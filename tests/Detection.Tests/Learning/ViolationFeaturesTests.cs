using CsCheck;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

public sealed class ViolationFeaturesTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 3, 20, 10, 0, 0, TimeSpan.Zero);
    private static readonly ViolationFeatureBuilder Builder = new(TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(8), "east", "east"));

    /// <summary>Words that a column about a person, a family, a people or money would carry.</summary>
    private static readonly string[] Refused =
    [
        "person", "owner", "name", "age", "sex", "gender", "birth", "nation", "ethnic", "religion", "party", "income", "tax", "debt", "credit", "phone", "address", "household",
        "family", "marital", "hukou", "health", "crime", "criminal", "education", "job", "race", "village", "applicant", "holder", "resident",
    ];

    [Fact]
    public void Features_Names_SayNothingOfPersons()
    {
        foreach (var feature in ViolationFeatures.Schema.Features)
        {
            feature.Name.Split('_').Intersect(Refused).ShouldBeEmpty(feature.Name);
        }
    }

    [Fact]
    public void Features_Names_AreUniqueAndExplained()
    {
        ViolationFeatures.Schema.Features.Select(f => f.Name).ShouldBeUnique();
        ViolationFeatures.Schema.Features.ShouldAllBe(f => f.Zh.Length > 0 && f.En.Length > 0);
    }

    /// <summary>Facts of the world known later, of every kind, that would give the truth away.</summary>
    [Fact]
    public void Builder_FactsKnownLater_ChangeNothing()
    {
        foreach (var candidate in new ViolationWorld(WorldSettings.Usual with { Counties = 1, Months = 3 }).Candidates(4))
        {
            var known = WorldFacts.Known(candidate);
            var all = WorldFacts.Of(candidate);
            all.Permits.Count.ShouldBeGreaterThan(known.Permits.Count);
            Builder.Build(all, candidate.Seen.AsOf).Values.ShouldBe(Builder.Build(known, candidate.Seen.AsOf).Values);
        }
    }

    [Fact]
    public void Builder_TheSameFactsAMonthLater_AreSeen()
    {
        // Without this the test above would pass with a builder that sees nothing.
        var candidate = new ViolationWorld(WorldSettings.Usual with { Counties = 1, Months = 3 }).Candidates(4).First(c => c.Truth is WorldScenario.RegisteredLate);
        var facts = WorldFacts.Of(candidate);
        Builder.Build(facts, candidate.Seen.AsOf)["permit_share"].ShouldNotBe(1);
        Builder.Build(facts, candidate.Seen.AsOf.AddDays(60))["permit_share"].ShouldBe(1);
    }

    [Fact]
    public void Builder_AnyFactsAfterTheInstant_ChangeNothing()
    {
        var instant = Gen.Int[1, 100_000].Select(m => AsOf.AddMinutes(m));
        Gen.Select(instant, instant, Gen.Double[0, 1], Gen.Int[0, 8]).Sample((later, other, share, kind) =>
        {
            var after = Example() with
            {
                Passes = [.. Example().Passes, new(AsOf.AddDays(-3), later, share, (SiteKind)kind, share, 1 + (share * 9000)), new(later, other, share, SiteKind.Building, 1, 50)],
                Permits = [.. Example().Permits, new("P1", "construction_works", PermitStatus.Revoked, later, null, null, share, 0), new("P9", "temporary_land", PermitStatus.Granted, later, null, null, share, 0)],
                Neighbours = [.. Example().Neighbours, new(share * 900, AsOf.AddDays(-1), later, kind % 2 == 0)],
                Signals = [.. Example().Signals, new((SignalKind)(kind % 4), AsOf.AddDays(-2), later, 9)],
                Devices = [.. Example().Devices, new(1, later)], Lines = [.. Example().Lines, new(ControlLineKind.EcologicalProtectionRedLine, share, later)],
                Uses = [.. Example().Uses, new(kind % 2 == 0, later)], Verdicts = [.. Example().Verdicts, new(Verdict.Compliant, later)],
            };
            return Builder.Build(after, AsOf).Values.SequenceEqual(Builder.Build(Example(), AsOf).Values);
        });
    }

    [Fact]
    public void Builder_AnExample_GivesTheNumbersByHand()
    {
        var f = Builder.Build(Example(), AsOf);
        f["image_score"].ShouldBe(0.8f);
        f["kind_building"].ShouldBe(0.6f);
        f["kind_earthworks"].ShouldBe(0);
        f["area_log_m2"]!.Value.ShouldBe((float)Math.Log(1000), 1e-5f);
        f["growth_log_per_30d"]!.Value.ShouldBe((float)Math.Log(2), 1e-5f);
        f["passes"].ShouldBe(2);
        f["days_since_first"].ShouldBe(30);
        f["device_m"].ShouldBe(120);
        f["night_episodes"].ShouldBe(1, "an episode of 31 days ago is out of the window");
        f["night_excess_db"].ShouldBe(6);
        f["signal_kinds"].ShouldBe(2);
        f["farmland_share"].ShouldBe(0.4f, "the newer version of the map counts");
        f["red_line_share"].ShouldBeNull();
        f["use_fits"].ShouldBeNull();
        f["permit_share"].ShouldBe(0.25f);
        f["uncovered_log_m2"]!.Value.ShouldBe((float)Math.Log(751), 1e-4f);
        f["permit_m"].ShouldBe(0);
        f["expired_permit"].ShouldBe(1);
        f["applied_permit"].ShouldBe(0, "the application was granted since");
        f["permits_near"].ShouldBe(2);
        f["permit_days"].ShouldBe(10);
        f["confirmed_1km"].ShouldBe(1);
        f["confirmed_3km"].ShouldBe(2);
        f["dismissed_3km"].ShouldBe(0, "two years are over");
        f["month"].ShouldBe(3);
        f["days_to_month_end"].ShouldBe(11);
        f["verdict"].ShouldBe(1);
    }

    [Fact]
    public void Builder_NothingKnown_IsMissingAndNeverZero()
    {
        var f = Builder.Build(new CandidateFacts { Id = "s" }, AsOf);
        string[] unknown = ["image_score", "area_log_m2", "growth_log_per_30d", "device_m", "night_episodes", "urban_share", "use_fits", "permit_m", "permit_days", "verdict"];
        foreach (var name in unknown)
        {
            f[name].ShouldBeNull(name);
        }

        f.Values.ShouldAllBe(v => float.IsFinite(v));
    }

    [Fact]
    public void Builder_LocalDay_DecidesMonthAndValidity()
    {
        // 17:00 UTC on the last of March is April in the region's zone.
        var late = new DateTimeOffset(2026, 3, 31, 17, 0, 0, TimeSpan.Zero);
        Builder.Build(Example(), late)["month"].ShouldBe(4);
    }

    private static CandidateFacts Example() => new()
    {
        Id = "site",
        Passes = [new(AsOf.AddDays(-30), AsOf.AddDays(-29), 0.5, SiteKind.Earthworks, 0.7, 500), new(AsOf, AsOf, 0.8, SiteKind.Building, 0.6, 1000)],
        Devices = [new(120, AsOf.AddYears(-1)), new(400, AsOf.AddYears(-1))],
        Signals = [new(SignalKind.Night, AsOf.AddDays(-2), AsOf.AddDays(-1), 6), new(SignalKind.Night, AsOf.AddDays(-31), AsOf.AddDays(-31), 60), new(SignalKind.Dust, AsOf.AddDays(-4), AsOf.AddDays(-4), 2)],
        Lines = [new(ControlLineKind.PermanentBasicFarmland, 0.9, AsOf.AddYears(-3)), new(ControlLineKind.PermanentBasicFarmland, 0.4, AsOf.AddYears(-1))],
        Permits =
        [
            new("P1", "construction_works", PermitStatus.Applied, AsOf.AddDays(-40), null, null, 0.25, 0), new("P1", "construction_works", PermitStatus.Granted, AsOf.AddDays(-10), null, null, 0.25, 0),
            new("P2", "land_use", PermitStatus.Granted, AsOf.AddDays(-500), null, new DateOnly(2026, 3, 1), 0.9, 0), new("P3", "land_use", PermitStatus.Granted, AsOf.AddDays(-5), null, null, 0, 2500),
        ],
        Neighbours = [new(800, AsOf.AddDays(-20), AsOf.AddDays(-20), true), new(2500, AsOf.AddDays(-20), AsOf.AddDays(-20), true), new(300, AsOf.AddDays(-800), AsOf.AddDays(-800), false)],
        Verdicts = [new(Verdict.Conflict, AsOf.AddDays(-9)), new(Verdict.Review, AsOf.AddDays(-8))],
    };
}
