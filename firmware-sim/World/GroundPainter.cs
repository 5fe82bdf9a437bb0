using Monitoring.FirmwareSim.Chance;

namespace Monitoring.FirmwareSim.World;

/// <summary>Paints what nature and farming made: water, hills, woods, the patchwork of fields. A pure function of the place.</summary>
internal sealed class GroundPainter(Dice dice, Layout layout)
{
    private readonly ValueNoise _wood = new(dice.For("wood"));
    private readonly ValueNoise _fine = new(dice.For("fine"));
    private readonly ValueNoise _flood = new(dice.For("flood"));
    private readonly Dice _parts = dice.For("parts");

    public void Paint(Canvas canvas)
    {
        var key = dice.For("grain").Key;
        Parallel.For(0, canvas.Rows, row =>
        {
            var y = (row + 0.5) * Canvas.CellMeters;
            for (var column = 0; column < canvas.Columns; column++)
            {
                var x = (column + 0.5) * Canvas.CellMeters;
                var cell = row * canvas.Columns + column;
                var relief = layout.Relief(x, y);
                canvas.Codes[cell] = CodeAt(x, y, relief);
                if (relief > 0)
                {
                    canvas.SlopeEast[cell] = Slope(layout.Relief(x + 15, y) - layout.Relief(x - 15, y));
                    canvas.SlopeNorth[cell] = Slope(layout.Relief(x, y - 15) - layout.Relief(x, y + 15));
                }

                var grain = (Dice.Mix(key + (ulong)cell) >> 40) * (2.0 / (1 << 24)) - 1;
                var patch = _fine.Octaves(x / 70, y / 70, 3);
                canvas.Texture[cell] = (byte)Math.Clamp(128 + 128 * (0.035 * grain + 0.10 * patch), 1, 255);
            }
        });
    }

    private static sbyte Slope(double rise) => (sbyte)Math.Clamp(rise / 30 * 100, -127, 127);

    private ushort CodeAt(double x, double y, double relief)
    {
        var distance = Math.Abs(layout.RiverDistance(x, y));
        if (distance < 420)
        {
            var half = layout.RiverHalfWidthAt(x, y);
            if (distance < half * 0.8) return CoverCode.Of(Cover.River);
            var wet = _flood.Octaves(x / 420, y / 420, 2);
            if (distance < half) return CoverCode.Of(wet > 0.05 ? Cover.Mudbank : Cover.River);
            if (distance < half + 60 + 170 * wet) return CoverCode.Of(wet > 0.25 ? Cover.Reed : Cover.Grass, 16, (int)(wet * 30));
            if (distance < half + 14) return CoverCode.Of(Cover.Grass);
            if (distance < half + 22) return CoverCode.Of(Cover.Hedge);
        }

        if (relief > 9) return Forest(x, y, relief);
        if (relief > 3) return Foothill(x, y);
        if (!layout.Small)
        {
            // A reservoir at the foot of the hills.
            double dx = (x - layout.Width * 0.735) / 420, dy = (y - layout.Height * 0.17) / 300;
            var shore = dx * dx + dy * dy + 0.45 * _flood.Octaves(x / 500, y / 500 + 9, 3);
            if (shore < 0.85) return CoverCode.Of(Cover.Pond, 4, 4);
            if (shore < 1) return CoverCode.Of(Cover.Mudbank, 4);
            if (shore < 1.15) return CoverCode.Of(Cover.Hedge);
        }

        return Field(x, y);
    }

    private ushort Forest(double x, double y, double relief)
    {
        var n = _wood.Octaves(x / 260, y / 260, 4);
        if (n > 0.5) return CoverCode.Of(Cover.Grass, 10, (int)(n * 40));
        // Stands mix at their edges down to single groves.
        var evergreen = _wood.Octaves(x / 420 + 31, y / 420, 5) + 0.35 * _fine.Octaves(x / 60, y / 60, 3) + relief / 700 > 0.08;
        return CoverCode.Of(evergreen ? Cover.Evergreen : Cover.Broadleaf, (int)((n + 1) * 15), (int)(_fine.At(x / 18, y / 18) * 15 + 16));
    }

    private ushort Foothill(double x, double y)
    {
        var n = _wood.Octaves(x / 180, y / 180 + 7, 3);
        var terrace = (int)Math.Floor(layout.Relief(x, y) / 1.4);
        return n switch
        {
            > 0.18 => CoverCode.Of(Cover.Tea, 12, (terrace * 11) & 31),
            > -0.12 => CoverCode.Of(Cover.Orchard, 9, (terrace * 7) & 31),
            > -0.3 => CoverCode.Of(Cover.Grass, 14, terrace & 31),
            _ => CoverCode.Of(Cover.Broadleaf, (int)((n + 1) * 20), terrace & 31),
        };
    }

    private ushort Field(double x, double y)
    {
        var (r, second, edge) = layout.RegionAt(x, y);
        var pair = _parts.For(Math.Min(Id(r), Id(second)) * 100_000L + Math.Max(Id(r), Id(second)));
        if (edge < 10) return CoverCode.Of(pair.Happens(0.8, 1) ? Cover.Canal : Cover.FieldRoad);
        if (edge < 18 && pair.Happens(0.45, 2)) return CoverCode.Of(Cover.Hedge, pair.Index(32, 3));

        double dx = x - r.X, dy = y - r.Y, u = dx * r.Cos + dy * r.Sin, v = dy * r.Cos - dx * r.Sin;
        var bu = (int)Math.Floor(u / r.BlockLength);
        var bv = (int)Math.Floor(v / r.BlockWidth);
        double du = u - bu * r.BlockLength, dv = v - bv * r.BlockWidth;
        var block = _parts.For(Id(r)).For(bu * 1000 + bv);
        var hood = r.Neighbourhood;
        if (r.Main == Cover.Pond)
        {
            if (du < 8 || dv < 8) return CoverCode.Of(du < 8 && block.Happens(0.4, 8) ? Cover.FieldRoad : Cover.Grass, hood);
            return CoverCode.Of(block.Happens(0.12, 9) ? Cover.Lotus : Cover.Pond, block.Index(32, 1), block.Index(32, 2));
        }

        if (du < 5.5) return CoverCode.Of(_parts.For(Id(r)).For(bu).Happens(0.4) ? Cover.Canal : Cover.FieldRoad);
        if (du < 11 && _parts.For(Id(r)).For(bu).Happens(0.3, 5)) return CoverCode.Of(Cover.Hedge, hood);
        if (dv < 5) return CoverCode.Of(Cover.FieldRoad, hood);
        var strip = (int)(dv / r.StripWidth);
        var own = block.For(strip);
        var crop = block.Happens(0.78, 4) ? r.Main : r.Second;
        var odd = own.Unit(2);
        if (odd < 0.035) crop = Cover.Fallow;
        else if (odd < 0.085) crop = Cover.Vegetables;
        else if (odd < 0.105) crop = Cover.Orchard;
        else if (odd < 0.118) crop = Cover.Pond;
        if (crop == Cover.Film && (dv % 15 > 10 || du < 12)) return CoverCode.Of(Cover.Vegetables, hood, own.Index(32, 3));
        return CoverCode.Of(crop, hood, own.Index(32, 3));
    }

    private static int Id(FieldRegion r) => r.Row * 200 + r.Column;
}
