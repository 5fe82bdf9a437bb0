using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Sampling;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery.Reading;

public sealed class StoredReflectanceTests
{
    /// <summary>A pair's own sample and a look of its own: the same rule sees the same values.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public void Look_AtTheSampleOfAPair_IsTheLookAtTheScene(bool floats, bool clouds, bool gaps)
    {
        using var pair = new SyntheticPair();
        var stored = pair.Write("a", 7, built: true, quality: clouds ? (x, y) => (x + y) % 5 == 0 ? 2 : 1 : null, missing: gaps ? (x, y) => x < 40 : null);
        var scene = floats ? pair.AsFloats(stored) : stored with { Bands = [.. stored.Bands.Select(b => b with { Scale = 1 })] };
        var pairing = BandPairing.Of(scene, scene);
        int[] bands = [.. pairing.Pairs.Select(p => p.Before)];
        using var reader = new GridReader(scene, scene.Grid, bands, pairing.QualityBefore, []);
        var window = new PixelWindow(0, 0, SyntheticPair.Width, SyntheticPair.Height);
        var pixels = new StoredPixels(reader, window.Width, window.Height);
        reader.ReadStored(window, pixels);
        var atHand = new Counted(TilesAsSample.Of([new SampleTile(window, pixels, pixels, reader, reader)], bands, reader, scene, isLate: false).ShouldNotBeNull());

        var look = StoredReflectance.Of(scene, bands, atHand, CancellationToken.None);

        look.ShouldBe(StoredReflectance.Of(scene, bands, CancellationToken.None));
        look.Unstated.ShouldBe(floats ? 1 : StoredReflectance.UsualScale);
        atHand.Given.ShouldBe(1);
    }

    [Fact]
    public void Sample_OfAnotherGrid_IsNotAtHand()
    {
        using var pair = new SyntheticPair();
        var scene = pair.Write("a", 7, built: true);
        var pairing = BandPairing.Of(scene, scene);
        int[] bands = [.. pairing.Pairs.Select(p => p.Before)];
        using var reader = new GridReader(scene, scene.Grid, bands, null, [.. bands.Select(_ => new PixelShift(0.5, 0.5))]);

        TilesAsSample.Of([], bands, reader, scene, isLate: true).ShouldBeNull();
    }

    private sealed class Counted(ISampleAtHand inner) : ISampleAtHand
    {
        public int Given { get; private set; }

        public bool Read(int band, PixelWindow window, Span<float> values, Span<PixelQuality> quality)
        {
            var given = inner.Read(band, window, values, quality);
            Given += given ? 1 : 0;
            return given;
        }
    }
}
