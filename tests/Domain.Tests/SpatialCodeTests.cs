using CsCheck;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Tests;

public sealed class SpatialCodeTests
{
    private const string Digits = "23456789CFGHJMPQRVWX";

    private static readonly Gen<(double Longitude, double Latitude)> Places = Gen.Select(Gen.Double[-180, 179.99999], Gen.Double[-90, 90]);

    /// <summary>The digits before the check digit as the published Open Location Code has them (test data of its specification; ten or eleven digits).</summary>
    [Theory]
    [InlineData(2.782234375, 20.3701125, "7FG49QCJ+2VX")]
    [InlineData(1, 1, "6FH32222+222")]
    [InlineData(8.0000625, 47.0000625, "8FVC2222+22")]
    [InlineData(174.7859375, -41.2730625, "4VCPPQGP+Q9")]
    [InlineData(-179.9999375, -89.9999375, "22222222+22")]
    [InlineData(1, 90, "CFX3X2X2+X2")]
    public void Code_OfAPlace_BeginsAsThePublishedCodeDoes(double longitude, double latitude, string published)
    {
        var text = SpatialCode.At(longitude, latitude).Text;

        text.ShouldStartWith(published);
        text.Length.ShouldBe(14);
        text[12].ShouldBe('-');
    }

    [Fact]
    public void Code_ReadAgain_IsTheSameCellAndHoldsThePlace() => Places.Sample(place =>
    {
        var code = SpatialCode.At(place.Longitude, place.Latitude);

        SpatialCode.TryParse(code.Text, out var read, out _).ShouldBeTrue();
        read.ShouldBe(code);
        var cell = new Envelope(code.Cell);
        cell.ExpandBy(1e-9);
        cell.Contains(new Coordinate(place.Longitude, place.Latitude)).ShouldBeTrue();
        SpatialCode.At(code.Center.X, code.Center.Y).ShouldBe(code);
        (code.Cell.Width * 32_000, code.Cell.Height * 40_000).ShouldSatisfyAllConditions(s => s.Item1.ShouldBe(1, 1e-6), s => s.Item2.ShouldBe(1, 1e-6));
    });

    [Fact]
    public void Code_WithAnyOneCharacterMistaken_IsRefused() => Places.Sample(place =>
    {
        var text = SpatialCode.At(place.Longitude, place.Latitude).Text;
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in Digits.Where(d => d != text[i] && Digits.Contains(text[i], StringComparison.Ordinal)))
            {
                SpatialCode.TryParse(text[..i] + other + text[(i + 1)..], out _, out var problem).ShouldBeFalse();
                problem.ShouldEndWith("read it again.");
            }
        }
    }, iter: 50);

    [Fact]
    public void Code_AsPeopleWriteIt_IsRead()
    {
        var code = SpatialCode.At(118.796877, 32.060255);
        foreach (var written in new[] { code.Text.ToLowerInvariant(), code.Text.Replace("+", " ", StringComparison.Ordinal), code.Text.Replace("+", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal), $" {code} " })
        {
            SpatialCode.TryParse(written, out var read, out _).ShouldBeTrue(written);
            read.ShouldBe(code);
        }
    }

    [Theory]
    [InlineData(null, "this one has 0")]
    [InlineData("", "this one has 0")]
    [InlineData("8Q33MQGH+7W", "this one has 10")]
    [InlineData("8Q33MQGH+7WCCCCCC", "this one has more")]
    [InlineData("8Q33MQGH+7OC-R", "this one has “O”")]
    [InlineData("南京", "this one has “南”")]
    public void Code_ThatIsNone_IsRefusedInOneSentence(string? written, string sentence)
    {
        SpatialCode.TryParse(written, out _, out var problem).ShouldBeFalse();
        problem.ShouldContain(sentence);
    }

    [Fact]
    public void Code_RoundTheEarthAndAtThePoles_IsAPlace()
    {
        SpatialCode.At(540.5, 10).ShouldBe(SpatialCode.At(-179.5, 10));
        SpatialCode.At(180, 10).ShouldBe(SpatialCode.At(-180, 10));
        SpatialCode.At(5, 90).Cell.MaxY.ShouldBe(90, 1e-9);
        Should.Throw<ArgumentOutOfRangeException>(() => SpatialCode.At(double.NaN, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => SpatialCode.At(0, 90.1));
    }

    [Fact]
    public void Neighbours_AllOverACounty_NeverShareACode()
    {
        var codes = new HashSet<string>();
        for (var row = 0; row < 100; row++)
        {
            for (var column = 0; column < 100; column++)
            {
                codes.Add(SpatialCode.At(118.79 + ((column + 0.5) / 32_000), 32.06 + ((row + 0.5) / 40_000)).Text);
            }
        }

        codes.Count.ShouldBe(10_000);
    }
}
