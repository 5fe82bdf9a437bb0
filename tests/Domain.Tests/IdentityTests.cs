using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.People;
using Monitoring.Domain.Sensing;

namespace Monitoring.Domain.Tests;

public sealed class IdentityTests
{
    [Fact]
    public void FindingId_MovedBoundaryBetweenParts_Differs() => FindingId.Of("ab", "c").ShouldNotBe(FindingId.Of("a", "bc"));

    [Fact]
    public void FindingId_NullAndEmptyPart_Differ() => FindingId.Of("a", null).ShouldNotBe(FindingId.Of("a", ""));

    [Fact]
    public void FindingId_SameParts_IsTheSame() => FindingId.Of("a", "b").ShouldBe(FindingId.Of("a", "b"));

    [Fact]
    public void Fingerprint_SameIdUnderAnotherSubjectKind_Differs() =>
        Alert.FingerprintOf("r", new Subject(SubjectKind.Site, "1")).ShouldNotBe(Alert.FingerprintOf("r", new Subject(SubjectKind.Datastream, "1")));

    [Fact]
    public void ObservationKey_TimesWithinOneMicrosecond_AreTheSame()
    {
        var time = new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.FromHours(8));
        ObservationKey.ToStoreTime(time.AddTicks(9)).ShouldBe(time.ToUniversalTime());
        ObservationKey.ToStoreTime(time.AddTicks(10)).ShouldNotBe(time.ToUniversalTime());
    }

    [Theory]
    [InlineData("320281", true)]
    [InlineData("3202", true)]
    [InlineData("330281", false)]
    [InlineData(null, false)]
    public void Scope_Prefix_CoversOnlyItsRegions(string? region, bool covered) => new Scope(["3202"]).Covers(region).ShouldBe(covered);

    [Fact]
    public void Scope_Everything_CoversSubjectsWithoutRegion() => Scope.Everything.Covers(null).ShouldBeTrue();

    [Theory]
    [InlineData(FieldOutcome.Illegal, "li", "no papers on site", 0, "at least one photo")]
    [InlineData(FieldOutcome.Legal, "", "permit 2026-7", 0, "names the person")]
    [InlineData(FieldOutcome.Other, "li", "", 0, "states its reason")]
    [InlineData(FieldOutcome.Other, "li", "x", 1, "in the future")]
    public void Verification_Incomplete_SaysWhatIsMissing(FieldOutcome outcome, string person, string reason, int hoursAhead, string expected)
    {
        var now = new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
        new FieldVerification(outcome, person, now.AddHours(hoursAhead), reason, []).Fault(now).ShouldNotBeNull().ShouldContain(expected);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Result_NotFinite_IsRefused(double value) => Should.Throw<ArgumentOutOfRangeException>(() => ObservationResult.OfNumber(value));
}
