using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Pair.Sampling;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class CloudCellsTests
{
    [Theory]
    [InlineData(10_980, 10_980, 10, 8)]
    [InlineData(7_700, 7_600, 30, 2)]
    [InlineData(3_000, 3_000, 250, 1)]
    [InlineData(100_000, 90_000, 250, 32)]
    [InlineData(500_000, 500_000, 60, 128)]
    [InlineData(300_000, 200_000, 0.3, 64)]
    public void Cells_AnyGrid_AreBoundedInNumber(int width, int height, double gsd, int side)
    {
        var cells = new CloudCells(width, height, gsd, 512);

        cells.Side.ShouldBe(side);
        (cells.Columns * (long)cells.Rows).ShouldBeLessThanOrEqualTo(CloudCells.MostCells);
        (cells.Columns * (long)cells.Side).ShouldBeInRange(width, width + side - 1);
        cells.Meters.ShouldBe(side * gsd);
    }

    [Fact]
    public void Cells_GridBeyondAllBounds_IsOneSentence() =>
        Should.Throw<ImageryException>(() => new CloudCells(1_000_000_000, 1_000_000_000, 10, 512)).Message.ShouldContain("too large");

    [Fact]
    public void Cells_LargestSide_CountsAllItsPixels()
    {
        // As many pixels as are more than 16 million cells, of which one row of cells is filled.
        var cells = new CloudCells(8_192, 1_000_000, 100, 512);
        cells.Side.ShouldBeGreaterThan(16);
        byte[] flags = new byte[512], clear = new byte[512];
        clear.AsSpan().Fill(1);
        for (var y = 0; y < cells.Side; y++)
        {
            cells.AddRow(y, 0, flags, clear);
        }

        cells.ClearPixels(0).ShouldBe(cells.Side * cells.Side);
    }

    /// <summary>A cloud of 10 ha and its shadow; coarse and fine pixels, tiles that a cell of the usual side would not divide.</summary>
    [Theory]
    [InlineData(10, 256, 160, 512)]
    [InlineData(60, 60, 40, 512)]
    [InlineData(2, 900, 700, 96)]
    public void Judge_CloudAndItsShadow_AreMaskedAndOtherDarkGroundIsNot(double gsd, int width, int height, int tile)
    {
        var cells = new CloudCells(width, height, gsd, tile);
        (tile % cells.Side).ShouldBe(0);
        int cloud = (int)Math.Ceiling(360 / gsd), down = (int)Math.Ceiling(600 / gsd);
        byte[] flags = new byte[width], clear = new byte[width];
        clear.AsSpan().Fill(1);
        for (var y = 0; y < height; y++)
        {
            flags.AsSpan().Clear();
            if (y >= 0 && y < cloud)
            {
                flags.AsSpan(width / 4, cloud).Fill(PixelFlags.BrightAfter);
            }

            if (y >= down && y < down + cloud)
            {
                flags.AsSpan(width / 4, cloud).Fill(PixelFlags.DarkAfter);
                flags[^1] = PixelFlags.DarkAfter;
            }

            for (var x = 0; x < width; x += tile)
            {
                var length = Math.Min(tile, width - x);
                cells.AddRow(y, x, flags.AsSpan(x, length), clear.AsSpan(x, length));
            }
        }

        cells.Judge();

        cells.IsMasked((width / 4) + (cloud / 2), cloud / 2).ShouldBeTrue();
        cells.IsMasked((width / 4) + (cloud / 2), down + (cloud / 2)).ShouldBeTrue();
        cells.IsMasked(width - 1, down + (cloud / 2)).ShouldBeFalse();
        cells.IsMasked(width - 1, height - 1).ShouldBeFalse();
    }

    [Theory]
    [InlineData(512, 6, 512)]
    [InlineData(512, 12, 512)]
    [InlineData(512, 64, 128)]
    [InlineData(4096, 6, 512)]
    public void Tile_ScenesOfManyBands_IsAsLargeAsFits(int asked, int bands, int side) => PassLayout.SideFor(asked, bands, PassMemory.Usual).ShouldBe(side);

    [Fact]
    public void Sample_ScenesOfManyBands_IsBoundedInBytes()
    {
        var options = new PairOptions();
        PairSampler.TilesOf(6, options).ShouldBe(options.SampleTiles);
        PairSampler.TilesOf(12, options).ShouldBe(options.SampleTiles);
        PairSampler.TilesOf(64, options).ShouldBe(4);
        PairSampler.TilesOf(64, options with { SampleTilePixels = 1024 }).ShouldBe(1);
    }
}
