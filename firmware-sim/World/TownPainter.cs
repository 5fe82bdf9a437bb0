using Monitoring.FirmwareSim.Chance;

namespace Monitoring.FirmwareSim.World;

/// <summary>Paints what people built before the story begins: roads, villages, towns, the industrial zone.</summary>
internal sealed class TownPainter(Dice dice, Layout layout, Canvas canvas)
{
    private readonly List<Box> _villages = [];

    /// <summary>The ribbons of village houses, kept free of protected farmland.</summary>
    public IReadOnlyList<Box> Villages => _villages;

    /// <summary>Roads wide enough to be kept free of protected farmland: centre line and width in metres.</summary>
    public List<((double X, double Y)[] Line, double Width)> Roads { get; } = [];

    public void Paint()
    {
        PaintRoads();
        foreach (var region in layout.AllRegions) PaintVillages(region);
        foreach (var town in layout.Towns) PaintTown(town);
        PaintIndustry();
        PaintHighway();
    }

    private void PaintRoads()
    {
        var main = layout.Towns[0];
        var d = dice.For("roads");
        for (var i = 1; i < layout.Towns.Count; i++) Road(Bend(main.X, main.Y, layout.Towns[i].X, layout.Towns[i].Y, d.For(i)), 14);
        Road(Bend(main.X, main.Y, layout.Width * 0.47, -20, d.For(20)), 16);
        Road(Bend(main.X, main.Y, -20, layout.Height * 0.44, d.For(21)), 14);
        Road(Bend(main.X, main.Y, layout.Width * 0.52, layout.Height + 20, d.For(22)), 16);
        Road(Bend(layout.Industry.X, layout.Industry.Y, layout.Width + 20, layout.Height * 0.40, d.For(23)), 14);
        Road(Bend(main.X, main.Y, layout.Industry.X, layout.Industry.Y, d.For(24)), 18);
    }

    private void Road((double X, double Y)[] line, double width)
    {
        canvas.Stroke(line, width + 14, CoverCode.Of(Cover.Hedge), 6, c => CoverCode.CoverOf(c) is not (Cover.River or Cover.Canal or Cover.Pond));
        canvas.Stroke(line, width, CoverCode.Of(Cover.Asphalt));
        Roads.Add((line, width));
    }

    private static (double X, double Y)[] Bend(double ax, double ay, double bx, double by, Dice d)
    {
        var length = Math.Sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay));
        double nx = -(by - ay) / length, ny = (bx - ax) / length, bow = d.Between(-0.09, 0.09) * length;
        return [.. Enumerable.Range(0, 25).Select(i => i / 24.0).Select(t =>
            (ax + (bx - ax) * t + nx * bow * Math.Sin(Math.PI * t), ay + (by - ay) * t + ny * bow * Math.Sin(Math.PI * t)))];
    }

    private void PaintHighway()
    {
        if (layout.Small) return;
        var line = Enumerable.Range(0, 61).Select(i => i / 60.0).Select(t =>
            (layout.Width * (0.685 - 0.11 * t) + 380 * Math.Sin(3.4 * t + 0.4), -50 + t * (layout.Height + 100))).ToArray();
        canvas.Stroke(line, 58, CoverCode.Of(Cover.Hedge, 20), 6, c => CoverCode.CoverOf(c) != Cover.River);
        canvas.Stroke(line, 30, CoverCode.Of(Cover.Highway));
        Roads.Add((line, 60));
    }

    private void PaintVillages(FieldRegion region)
    {
        var d = dice.For("village").For(region.Row * 200 + region.Column);
        var count = layout.Small ? d.Index(2, 0) : region.Main == Cover.Pond ? d.Index(2, 0) : d.Index(4, 0);
        var angle = Math.Atan2(region.Sin, region.Cos);
        for (var i = 0; i < count; i++)
        {
            var own = d.For(i);
            var turned = angle + (own.Happens(0.35, 1) ? Math.PI / 2 : 0);
            var rows = 1 + own.Index(3, 2);
            var length = own.Between(150, 520, 5) * (layout.Small ? 0.6 : 1);
            var box = new Box(region.X + own.Between(-260, 260, 3), region.Y + own.Between(-260, 260, 4), length, rows * 30, turned);
            var ends = new[] { box.At(-length / 2, 0), box.At(0, 0), box.At(length / 2, 0) };
            if (ends.All(e => IsPlain(e.X, e.Y))) PaintVillage(box, own);
        }
    }

    private bool IsPlain(double x, double y) =>
        x > 60 && y > 60 && x < layout.Width - 60 && y < layout.Height - 60 && layout.Relief(x, y) <= 0
        && Math.Abs(layout.RiverDistance(x, y)) > layout.RiverHalfWidth * 1.5 + 100 && layout.Towns.All(t => t.Share(x, y) > 1.2);

    private void PaintVillage(Box ribbon, Dice d)
    {
        var angle = ribbon.Angle;
        var rows = (int)(ribbon.Height / 30);
        _villages.Add(ribbon);
        canvas.Fill(new Box(ribbon.X, ribbon.Y, ribbon.Width + 34, ribbon.Height + 30, angle), CoverCode.Of(Cover.Hedge, d.Index(32, 6), 20), 5);
        for (var row = 0; row < rows; row++)
        {
            var v = (row - (rows - 1) / 2.0) * 30;
            canvas.Stroke([ribbon.At(-ribbon.Width / 2 - 14, v + 12), ribbon.At(ribbon.Width / 2 + 14, v + 12)], 5, CoverCode.Of(Cover.FieldRoad));
            for (var u = -ribbon.Width / 2; u < ribbon.Width / 2; u += 17)
            {
                var house = d.For(row).For((long)u);
                if (house.Happens(0.16)) continue;
                var (x, y) = ribbon.At(u + 8, v);
                var roof = house.Unit(1) switch { < 0.55 => Cover.RoofGrey, < 0.86 => Cover.RoofRed, < 0.93 => Cover.RoofBlue, _ => Cover.RoofWhite };
                canvas.Fill(new Box(x, y, house.Between(10, 14, 2), house.Between(10, 13, 3), angle), CoverCode.Of(roof, house.Index(32, 4), house.Index(32, 5)), 7);
                if (house.Happens(0.5, 6)) canvas.Fill(new Box(x, y - 9, 8, 6, angle), CoverCode.Of(Cover.Concrete, 8, house.Index(32, 7)));
            }
        }

        if (d.Happens(0.5, 8))
        {
            var (x, y) = ribbon.At(d.Between(-60, 60, 9), ribbon.Height / 2 + 32);
            canvas.Fill(new Box(x, y, 70, 32, angle), CoverCode.Of(Cover.Pond, d.Index(32, 10), d.Index(32, 11)));
        }
    }

    private void PaintTown(Town town)
    {
        var outline = Enumerable.Range(0, 72).Select(i => i * Math.PI / 36)
            .Select(a => (town.X + town.RadiusAt(a) * Math.Cos(a), town.Y + town.RadiusAt(a) * Math.Sin(a))).ToArray();
        foreach (var cell in canvas.CellsIn(outline))
            if (CoverCode.CoverOf(canvas.Codes[cell]) is not (Cover.River or Cover.Mudbank))
            {
                canvas.Codes[cell] = CoverCode.Of(Cover.Asphalt, 20, 8);
                canvas.Heights[cell] = 0;
            }

        double width = town.Radius > 600 ? 132 : 104, height = town.Radius > 600 ? 104 : 84;
        var reach = (int)(town.Radius * 1.4 / height) + 1;
        for (var j = -reach; j <= reach; j++)
            for (var i = -reach; i <= reach; i++)
            {
                // Every fourth street is an avenue.
                double u = i * width + Math.Floor((i + 2) / 4.0) * 14, v = j * height + Math.Floor((j + 2) / 4.0) * 14;
                var box = new Box(town.X, town.Y, 1, 1, town.Angle);
                var (x, y) = box.At(u, v);
                var share = town.Share(x, y);
                if (share > 0.985) continue;
                if (Math.Abs(layout.RiverDistance(x, y)) < layout.RiverHalfWidth * 1.4 + 50) continue;
                PaintBlock(new Box(x, y, width - 13, height - 13, town.Angle), share, dice.For(town.NameEn).For(j * 1000 + i));
            }
    }

    private void PaintBlock(Box block, double share, Dice d)
    {
        var kind = d.Unit(0);
        if (share > 0.8 && kind < 0.25)
            canvas.Fill(block, CoverCode.Of(kind < 0.12 ? Cover.Grass : Cover.Vegetables, 8, d.Index(32, 1)));
        else if (kind < 0.08)
            PaintPark(block, d);
        else if (kind < 0.14)
            PaintSchool(block, d);
        else if (share < 0.42 && kind < 0.45)
            PaintPodium(block, d);
        else if (share < 0.62 && kind < 0.68 || share > 0.8 && kind < 0.5)
            PaintOldQuarter(block, d);
        else
            PaintSlabs(block, d);
    }

    private void PaintPark(Box block, Dice d)
    {
        canvas.Fill(block, CoverCode.Of(Cover.UrbanGreen, 10, d.Index(32, 1)));
        canvas.Fill(new Box(block.X + 10, block.Y - 6, block.Width * 0.45, block.Height * 0.3, block.Angle + 0.5), CoverCode.Of(Cover.Pond, 6, 9));
        canvas.Fill(new Box(block.X - 25, block.Y + 20, 35, 25, block.Angle), CoverCode.Of(Cover.Hedge, 12, 12), 8);
    }

    private void PaintSchool(Box block, Dice d)
    {
        canvas.Fill(block, CoverCode.Of(Cover.Concrete, 12, d.Index(32, 1)));
        var (x, y) = block.At(-block.Width * 0.2, 0);
        canvas.Fill(new Box(x, y, block.Width * 0.48, block.Height * 0.75, block.Angle), CoverCode.Of(Cover.Track));
        canvas.Fill(new Box(x, y, block.Width * 0.34, block.Height * 0.5, block.Angle), CoverCode.Of(Cover.UrbanGreen, 2, 2));
        for (var k = -1; k <= 1; k++)
        {
            var (bx, by) = block.At(block.Width * 0.29, k * block.Height * 0.3);
            canvas.Fill(new Box(bx, by, block.Width * 0.34, 13, block.Angle), CoverCode.Of(Cover.RoofWhite, 2, d.Index(32, 5)), 16);
        }
    }

    private void PaintPodium(Box block, Dice d)
    {
        canvas.Fill(block, CoverCode.Of(Cover.Concrete, 20, d.Index(32, 1)));
        var roof = d.Unit(2) < 0.5 ? Cover.RoofGrey : Cover.RoofWhite;
        canvas.Fill(new Box(block.X, block.Y, block.Width * 0.72, block.Height * 0.66, block.Angle), CoverCode.Of(roof, d.Index(32, 3), d.Index(32, 4)), 22);
        for (var k = -1; k <= 1; k += 2)
        {
            var (x, y) = block.At(k * block.Width * 0.2, -block.Height * 0.1);
            canvas.Fill(new Box(x, y, 24, 22, block.Angle), CoverCode.Of(Cover.RoofGrey, 24, d.Index(32, 6 + k)), 40 + d.Index(60, 9 + k));
        }
    }

    private void PaintOldQuarter(Box block, Dice d)
    {
        canvas.Fill(block, CoverCode.Of(Cover.Hedge, 16, 6), 4);
        for (var v = -block.Height / 2 + 8; v < block.Height / 2 - 4; v += 16)
            for (var u = -block.Width / 2 + 8; u < block.Width / 2 - 4; u += 14)
            {
                var house = d.For((long)(u * 1000 + v));
                if (house.Happens(0.1)) continue;
                var (x, y) = block.At(u, v);
                canvas.Fill(
                    new Box(x, y, 12.5, 12, block.Angle),
                    CoverCode.Of(house.Happens(0.7, 1) ? Cover.RoofGrey : Cover.RoofRed, house.Index(12, 2), house.Index(32, 3)), 8);
            }
    }

    private void PaintSlabs(Box block, Dice d)
    {
        canvas.Fill(block, CoverCode.Of(Cover.UrbanGreen, 12, d.Index(32, 1)), 0);
        canvas.Fill(new Box(block.X, block.Y, block.Width * 0.9, 9, block.Angle), CoverCode.Of(Cover.Concrete, 10, 10));
        var towers = d.Happens(0.35, 2);
        var roof = d.Unit(3) switch { < 0.4 => Cover.RoofGrey, < 0.7 => Cover.RoofRed, _ => Cover.RoofWhite };
        for (var v = -block.Height / 2 + 12; v < block.Height / 2 - 6; v += 30)
            for (var u = -block.Width / 2 + (towers ? 18 : 30); u < block.Width / 2 - 8; u += towers ? 38 : 58)
            {
                var (x, y) = block.At(u, v);
                canvas.Fill(
                    new Box(x, y, towers ? 20 : 48, towers ? 16 : 13, block.Angle),
                    CoverCode.Of(roof, d.Index(32, 4), d.Index(32, (long)(u + 999))), towers ? 54 : 18);
            }
    }

    private void PaintIndustry()
    {
        var zone = layout.Industry;
        canvas.Fill(zone, CoverCode.Of(Cover.Asphalt, 18, 12));
        double width = layout.Small ? 158 : 246, height = layout.Small ? 138 : 178;
        int columns = (int)(zone.Width / width), rows = (int)(zone.Height / height);
        for (var j = 0; j < rows; j++)
            for (var i = 0; i < columns; i++)
            {
                var d = dice.For("industry").For(j * 100 + i);
                var (x, y) = zone.At((i - (columns - 1) / 2.0) * width, (j - (rows - 1) / 2.0) * height);
                var plot = new Box(x, y, width - 18, height - 18, zone.Angle);
                if (d.Happens(0.16))
                {
                    canvas.Fill(plot, CoverCode.Of(Cover.Grass, d.Index(32, 1), 3));
                    continue;
                }

                canvas.Fill(plot, CoverCode.Of(Cover.Concrete, d.Index(32, 2), d.Index(32, 3)));
                var halls = 1 + d.Index(3, 4);
                var roof = d.Unit(5) switch { < 0.48 => Cover.RoofBlue, < 0.74 => Cover.RoofWhite, < 0.93 => Cover.RoofGrey, _ => Cover.RoofRed };
                for (var k = 0; k < halls; k++)
                {
                    var (hx, hy) = plot.At(0, (k - (halls - 1) / 2.0) * plot.Height / halls);
                    canvas.Fill(
                        new Box(hx, hy, plot.Width * d.Between(0.7, 0.9, 6), plot.Height / halls * d.Between(0.62, 0.78, 7), plot.Angle),
                        CoverCode.Of(roof, d.Index(32, 8), d.Index(32, 9 + k)), 12);
                }

                var (gx, gy) = plot.At(-plot.Width / 2 + 8, 0);
                canvas.Fill(new Box(gx, gy, 12, plot.Height * 0.9, plot.Angle), CoverCode.Of(Cover.UrbanGreen, 10, 10));
            }
    }
}
