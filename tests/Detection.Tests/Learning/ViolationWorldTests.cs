using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

/// <summary>The simulated world is frozen, and its posterior is the posterior of what it draws.</summary>
public sealed class ViolationWorldTests
{
    /// <summary>Never edited to pass: another output is another version of the world, and every figure made with the old one is void.</summary>
    [Theory]
    [InlineData(false, "c440c18e4f5af8be916aca3e290b79d64067be1d94716f1cc5ff73de30be8345")]
    [InlineData(true, "6a138b5601f0fa46f0ce0bcd56f2a26181018d888912e1af1a7df1928d5ed104")]
    public void World_OfAVersion_NeverChangesItsOutput(bool shifted, string digest)
    {
        ViolationWorld.Version.ShouldBe(1);
        var settings = (shifted ? WorldSettings.Shifted : WorldSettings.Usual) with { Counties = 1, Months = 24 };
        ViolationWorld.Digest(new ViolationWorld(settings).Candidates(1)).ShouldBe(digest);
    }

    [Fact]
    public void World_OfAnotherSeed_SharesNothing()
    {
        var world = new ViolationWorld(WorldSettings.Usual with { Counties = 1, Months = 2 });
        world.Candidates(1).Select(c => c.Seen.LogArea).Intersect(world.Candidates(2).Select(c => c.Seen.LogArea)).ShouldBeEmpty();
        world.Candidates(1).Select(c => c.Id).Intersect(world.Candidates(2).Select(c => c.Id)).ShouldBeEmpty();
    }

    /// <summary>Violations come as often as the posterior says, at every level: it would not, were one density wrong.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Posterior_AtEveryLevel_IsTheShareOfViolations(bool shifted)
    {
        var settings = (shifted ? WorldSettings.Shifted : WorldSettings.Usual) with { Counties = 3 };
        foreach (var level in new ViolationWorld(settings).Candidates(5).GroupBy(c => (int)(c.Posterior * 10)).Where(g => g.Count() > 200))
        {
            var expected = level.Average(c => c.Posterior);
            var deviation = Math.Sqrt(level.Sum(c => c.Posterior * (1 - c.Posterior))) / level.Count();
            level.Average(c => c.IsViolation ? 1.0 : 0.0).ShouldBe(expected, 4 * deviation, $"level {level.Key}");
        }
    }

    /// <summary>Within a narrow band of the posterior, none of the observations tells violations from others any more.</summary>
    [Fact]
    public void Posterior_GivenIt_NoObservationSaysMore()
    {
        var band = new ViolationWorld(WorldSettings.Usual with { Counties = 8 }).Candidates(9).Where(c => c.Posterior is > 0.3 and < 0.4).ToArray();
        foreach (var (name, of) in new (string, Func<WorldObservation, double>)[]
        {
            ("score", o => o.LogitScore), ("area", o => o.LogArea), ("night", o => o.Night), ("farmland", o => o.FarmlandShare), ("confirmed", o => o.Confirmed3),
            ("share", o => o.PermitShare), ("applied", o => o.AppliedPermit ? 1 : 0), ("month", o => o.AsOf.Month), ("building", o => o.Kind is WorldKind.Building ? 1 : 0),
        })
        {
            double[] yes = [.. band.Where(c => c.IsViolation).Select(c => of(c.Seen))], no = [.. band.Where(c => !c.IsViolation).Select(c => of(c.Seen))];
            var spread = Math.Sqrt((Variance(yes) / yes.Length) + (Variance(no) / no.Length));
            Math.Abs(yes.Average() - no.Average()).ShouldBeLessThan(5 * spread, name);
        }
    }

    [Fact]
    public void Inspections_NotByComplaint_DoNotDependOnTheTruth()
    {
        // At the same posterior, those inspected for other reasons than a complaint are violations as often as all are.
        var all = new ViolationWorld(WorldSettings.Usual with { Counties = 6 }).Candidates(3).ToArray();
        var plain = all.Where(c => c.FoundBy is not (WorldFoundBy.Nobody or WorldFoundBy.Complaint)).ToArray();
        var gap = plain.Average(c => (c.IsViolation ? 1 : 0) - c.Posterior);
        Math.Abs(gap).ShouldBeLessThan(4 * Math.Sqrt(plain.Sum(c => c.Posterior * (1 - c.Posterior))) / plain.Length);
        all.Where(c => c.FoundBy is WorldFoundBy.Complaint).Average(c => (c.IsViolation ? 1 : 0) - c.Posterior).ShouldBeGreaterThan(0.1);
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
