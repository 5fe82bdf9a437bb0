using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.Geo;

namespace Monitoring.FirmwareSim.World;

/// <summary>A neighbourhood of fields that share one direction and one way of farming.</summary>
internal sealed record FieldRegion(
    int Column, int Row, double X, double Y, double Cos, double Sin, double BlockLength, double BlockWidth, double StripWidth,
    Cover Main, Cover Second, int Neighbourhood, bool Protected);

/// <summary>A built-up place. Radius is the mean radius in metres; <see cref="RadiusAt"/> gives its irregular outline.</summary>
internal sealed record Town(string Name, string NameEn, double X, double Y, double Radius, double Angle, double Phase)
{
    public double RadiusAt(double theta) =>
        Radius * (1 + 0.13 * Math.Sin(2 * theta + Phase) + 0.09 * Math.Sin(3 * theta + 2.3 * Phase) + 0.04 * Math.Sin(7 * theta));

    /// <summary>Distance from the centre as a share of the outline: below 1 is inside.</summary>
    public double Share(double x, double y)
    {
        double dx = x - X, dy = y - Y;
        return Math.Sqrt(dx * dx + dy * dy) / RadiusAt(Math.Atan2(dy, dx));
    }
}

/// <summary>A rectangle in local metres, turned by an angle (radians, from x towards y).</summary>
internal readonly record struct Box(double X, double Y, double Width, double Height, double Angle)
{
    public (double X, double Y)[] Corners(double margin = 0)
    {
        double c = Math.Cos(Angle), s = Math.Sin(Angle), w = Width / 2 + margin, h = Height / 2 + margin;
        var (x, y) = (X, Y);
        (double, double) At(double u, double v) => (x + u * c - v * s, y + u * s + v * c);
        return [At(-w, -h), At(w, -h), At(w, h), At(-w, h)];
    }

    public (double X, double Y) At(double u, double v)
    {
        double c = Math.Cos(Angle), s = Math.Sin(Angle);
        return (X + u * c - v * s, Y + u * s + v * c);
    }
}

/// <summary>The shapes of the county before anything is painted: river, hills, towns, roads, field regions.</summary>
internal sealed class Layout
{
    private const double RegionSpacing = 760;
    private readonly ValueNoise _relief;
    private readonly ValueNoise _bank;
    private readonly FieldRegion[,] _regions;
    private readonly double _phase1, _phase2, _hillX, _hillY, _hillRadius;

    public Layout(Dice dice, RasterFrame frame, CountySize size)
    {
        Width = frame.WidthMeters;
        Height = frame.HeightMeters;
        Small = size == CountySize.Small;
        _relief = new ValueNoise(dice.For("relief"));
        _bank = new ValueNoise(dice.For("bank"));
        _phase1 = dice.For("river").Between(0, 6.28, 1);
        _phase2 = dice.For("river").Between(0, 6.28, 2);
        (_hillX, _hillY, _hillRadius) = Small ? (Width * 0.98, Height * 0.02, 900.0) : (Width * 0.95, Height * 0.02, 3000.0);
        Towns = Small
            ?
            [
                new("柳湾镇", "Liuwan Town", Width * 0.28, Height * 0.27, 400, 0.21, 1.1),
                new("荷塘镇", "Hetang Town", Width * 0.74, Height * 0.82, 190, -0.2, 2.7),
                new("青岗镇", "Qinggang Town", Width * 0.17, Height * 0.87, 140, 0.4, 4.0),
            ]
            :
            [
                new("柳湾镇", "Liuwan Town", Width * 0.41, Height * 0.33, 1250, 0.21, 1.1),
                new("荷塘镇", "Hetang Town", Width * 0.76, Height * 0.74, 520, -0.17, 2.7),
                new("青岗镇", "Qinggang Town", Width * 0.15, Height * 0.17, 400, 0.38, 4.0),
                new("沙渡镇", "Shadu Town", Width * 0.24, Height * 0.86, 460, 0.06, 5.1),
            ];
        var main = Towns[0];
        Industry = Small
            ? new Box(main.X + 640, main.Y - 90, 480, 420, main.Angle)
            : new Box(main.X + 2150, main.Y + 230, 1500, 900, main.Angle);
        _regions = Regions(dice.For("regions"));
    }

    public double Width { get; }

    public double Height { get; }

    public bool Small { get; }

    public IReadOnlyList<Town> Towns { get; }

    /// <summary>The industrial zone beside the county town.</summary>
    public Box Industry { get; }

    public double RiverHalfWidth => Small ? 34 : 72;

    public IEnumerable<FieldRegion> AllRegions => _regions.Cast<FieldRegion>();

    /// <summary>The river's centre line, y over x.</summary>
    public double RiverY(double x)
    {
        var t = x / Width;
        return Height * (0.73 - 0.34 * t + 0.075 * Math.Sin(2 * Math.PI * 1.25 * t + _phase1)
            + 0.022 * Math.Sin(2 * Math.PI * 3.6 * t + _phase2));
    }

    /// <summary>Signed distance from the centre line in metres (exact enough for a gently bending river).</summary>
    public double RiverDistance(double x, double y)
    {
        var slope = (RiverY(x + 5) - RiverY(x - 5)) / 10;
        return (y - RiverY(x)) / Math.Sqrt(1 + slope * slope);
    }

    /// <summary>Half width here, with irregular banks.</summary>
    public double RiverHalfWidthAt(double x, double y) => RiverHalfWidth * (1 + 0.28 * _bank.Octaves(x / 900, y / 900, 2));

    /// <summary>Ground height above the plain in metres; 0 on the plain.</summary>
    public double Relief(double x, double y)
    {
        double dx = x - _hillX, dy = y - _hillY;
        var distance = Math.Sqrt(dx * dx + dy * dy) / _hillRadius;
        if (distance > 1.25) return 0;
        var ridge = 1 - Math.Abs(_relief.Octaves(x / (_hillRadius * 0.3), y / (_hillRadius * 0.3), 5)) * 1.7;
        var fall = 1 - distance + 0.22 * _relief.Octaves(x / 800 + 50, y / 800, 3);
        return fall <= 0 ? 0 : Math.Max(0, fall * (ridge * 0.75 + 0.4)) * (Small ? 130 : 320);
    }

    /// <summary>The nearest and second nearest region seeds and the difference of their distances in metres.</summary>
    public (FieldRegion Nearest, FieldRegion Second, double Edge) RegionAt(double x, double y)
    {
        // Old canals bend: the straight edges of the Voronoi cells are bent with them.
        var bend = 42 * _bank.Octaves(x / 420 + 70, y / 420, 2);
        (x, y) = (x + bend, y + 42 * _bank.Octaves(x / 420, y / 420 + 90, 2));
        var cx = (int)Math.Floor(x / RegionSpacing) + 1;
        var cy = (int)Math.Floor(y / RegionSpacing) + 1;
        FieldRegion? first = null, second = null;
        double d1 = double.MaxValue, d2 = double.MaxValue;
        for (var j = Math.Max(0, cy - 1); j <= Math.Min(_regions.GetLength(0) - 1, cy + 1); j++)
            for (var i = Math.Max(0, cx - 1); i <= Math.Min(_regions.GetLength(1) - 1, cx + 1); i++)
            {
                var r = _regions[j, i];
                var d = (r.X - x) * (r.X - x) + (r.Y - y) * (r.Y - y);
                if (d < d1)
                    (second, d2, first, d1) = (first, d1, r, d);
                else if (d < d2)
                    (second, d2) = (r, d);
            }

        return (first!, second!, Math.Sqrt(d2) - Math.Sqrt(d1));
    }

    private FieldRegion[,] Regions(Dice dice)
    {
        var columns = (int)Math.Ceiling(Width / RegionSpacing) + 2;
        var rows = (int)Math.Ceiling(Height / RegionSpacing) + 2;
        var regions = new FieldRegion[rows, columns];
        for (var j = 0; j < rows; j++)
            for (var i = 0; i < columns; i++)
            {
                var d = dice.For(j * 1000 + i);
                var x = (i - 1 + 0.5 + d.Between(-0.34, 0.34, 1)) * RegionSpacing;
                var y = (j - 1 + 0.5 + d.Between(-0.34, 0.34, 2)) * RegionSpacing;
                // Most fields of the plain follow the old canals, a little west of north; some quarters go their own way.
                var angle = d.Happens(0.7, 3) ? -0.12 + d.Between(-0.06, 0.06, 4) : d.Between(-0.7, 0.7, 4);
                var kind = d.Unit(5);
                var (main, second) = kind switch
                {
                    < 0.50 => (Cover.WheatRice, Cover.RapeRice),
                    < 0.62 => (Cover.RapeRice, Cover.WheatRice),
                    < 0.72 => (Cover.WheatMaize, Cover.Vegetables),
                    < 0.81 => (Cover.Vegetables, Cover.WheatMaize),
                    < 0.86 => (Cover.Orchard, Cover.WheatMaize),
                    < 0.90 => (Cover.Lotus, Cover.WheatRice),
                    < 0.985 => (Cover.Pond, Cover.Pond),
                    _ => (Cover.Film, Cover.Vegetables),
                };
                var grain = main is Cover.WheatRice or Cover.RapeRice or Cover.WheatMaize;
                var pond = main is Cover.Pond;
                regions[j, i] = new FieldRegion(
                    i, j, x, y, Math.Cos(angle), Math.Sin(angle),
                    pond ? d.Between(110, 190, 6) : d.Between(170, 320, 6),
                    pond ? d.Between(60, 110, 7) : d.Between(90, 190, 7),
                    d.Between(18, 42, 8), main, second, d.Index(32, 9), grain && d.Happens(0.72, 10));
            }

        return regions;
    }
}
