using Monitoring.FirmwareSim.Chance;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;

namespace Monitoring.FirmwareSim.World;

/// <summary>Where a planted thing may lie.</summary>
internal enum Place
{
    /// <summary>Inside the urban development boundary.</summary>
    Urban,

    /// <summary>Ordinary country: outside all three control lines.</summary>
    Country,

    /// <summary>Inside permanent basic farmland.</summary>
    Farmland,

    /// <summary>Inside the ecological red line.</summary>
    RedLine,

    /// <summary>Woods outside the red line or at its edge.</summary>
    Woods,
}

/// <summary>
/// Plants sites and distractors where they make sense. Places are drawn from the seed until one fits; a county where a site
/// finds no place is refused with a sentence, because its truth would not be what was asked for.
/// </summary>
internal sealed class SitePlanner
{
    private const int Tries = 20_000;
    private readonly Dice _dice;
    private readonly CountyOptions _options;
    private readonly Layout _layout;
    private readonly Canvas _canvas;
    private readonly List<(double X, double Y, double Radius)> _taken = [];
    private readonly IPreparedGeometry _boundary, _urban, _red, _nearUrban, _nearRed, _nearFarmland;
    private readonly IReadOnlyList<IPreparedGeometry> _farmland;

    public SitePlanner(Dice dice, CountyOptions options, Layout layout, Canvas canvas, Zones zones)
    {
        (_dice, _options, _layout, _canvas) = (dice, options, layout, canvas);
        _boundary = PreparedGeometryFactory.Prepare(zones.Boundary.Buffer(layout.Small ? -40 : -150));
        _urban = PreparedGeometryFactory.Prepare(zones.UrbanBoundary);
        _red = PreparedGeometryFactory.Prepare(zones.RedLine);
        _nearUrban = PreparedGeometryFactory.Prepare(zones.UrbanBoundary.Buffer(25));
        _nearRed = PreparedGeometryFactory.Prepare(zones.RedLine.Buffer(25));
        _farmland = [.. zones.BasicFarmland.Select(PreparedGeometryFactory.Prepare)];
        _nearFarmland = PreparedGeometryFactory.Prepare(
            zones.BasicFarmland[0].Factory.CreateMultiPolygon([.. zones.BasicFarmland]).Buffer(20));
    }

    /// <summary>Days from the story's start when not negative, else from its end.</summary>
    private sealed record Plan(
        string Id, SiteReason Reason, Place Place, SiteStyle Style, double Width, double Height, int Day, int Earth, int Build,
        double Overreach = 0, bool Reporting = false, bool Night = false, bool InSmall = false);

    private static readonly Plan[] Plans =
    [
        new("U01", SiteReason.NoPermit, Place.Country, SiteStyle.Hall, 165, 115, 8, 11, 14, InSmall: true),
        new("U02", SiteReason.BasicFarmland, Place.Farmland, SiteStyle.Hall, 140, 100, 15, 14, 21, InSmall: true),
        new("U03", SiteReason.NoPermit, Place.Country, SiteStyle.Villas, 96, 72, 42, 16, 40),
        new("U04", SiteReason.RedLine, Place.RedLine, SiteStyle.Villas, 112, 70, 74, 18, 45, InSmall: true),
        new("U05", SiteReason.OutsideOutline, Place.Urban, SiteStyle.Hall, 150, 95, 58, 20, 42, Overreach: 62, InSmall: true),
        new("U06", SiteReason.BasicFarmland, Place.Farmland, SiteStyle.House, 46, 38, 150, 8, 26, InSmall: true),
        new("U07", SiteReason.ExpiredPermit, Place.Urban, SiteStyle.Hall, 118, 88, 205, 20, 50, InSmall: true),
        new("U08", SiteReason.NoPermit, Place.Country, SiteStyle.Yard, 290, 200, 262, 35, 60),
        new("U09", SiteReason.NoPermit, Place.Country, SiteStyle.House, 35, 35, 300, 6, 22, InSmall: true),
        new("U10", SiteReason.BasicFarmland, Place.Farmland, SiteStyle.Sheds, 104, 66, 378, 12, 34),
        new("U11", SiteReason.RedLine, Place.RedLine, SiteStyle.Villas, 84, 62, 432, 20, 50),
        new("U12", SiteReason.NoPermit, Place.Country, SiteStyle.House, 19, 17, 322, 4, 16, InSmall: true),
        new("U13", SiteReason.BasicFarmland, Place.Farmland, SiteStyle.House, 24, 14, 500, 4, 14),
        new("U14", SiteReason.NoPermit, Place.Country, SiteStyle.Hall, 66, 58, 628, 10, 24),
        new("U15", SiteReason.NoPermit, Place.Country, SiteStyle.Hall, 128, 90, -9, 22, 60, Reporting: true, InSmall: true),
        new("U16", SiteReason.BasicFarmland, Place.Farmland, SiteStyle.Sheds, 94, 78, -24, 16, 50, Reporting: true, Night: true),
        new("L01", SiteReason.Permitted, Place.Urban, SiteStyle.Hall, 210, 130, 12, 14, 30, InSmall: true),
        new("L02", SiteReason.Permitted, Place.Urban, SiteStyle.Towers, 175, 150, 52, 30, 130),
        new("L03", SiteReason.Permitted, Place.Urban, SiteStyle.Yard, 150, 118, 118, 24, 90, InSmall: true),
        new("L04", SiteReason.Permitted, Place.Urban, SiteStyle.Hall, 130, 110, 182, 15, 50),
        new("L05", SiteReason.Permitted, Place.Country, SiteStyle.House, 36, 36, 92, 7, 30, InSmall: true),
        new("L06", SiteReason.Permitted, Place.Country, SiteStyle.Sheds, 92, 60, 232, 10, 34, InSmall: true),
        new("L07", SiteReason.Permitted, Place.Urban, SiteStyle.Hall, 122, 92, 342, 18, 60),
        new("L08", SiteReason.Permitted, Place.Urban, SiteStyle.Towers, 140, 112, 418, 30, 140),
        new("L09", SiteReason.Permitted, Place.Country, SiteStyle.Yard, 82, 64, 296, 6, 20),
        new("L10", SiteReason.Permitted, Place.Urban, SiteStyle.Hall, 158, 100, 505, 14, 44),
        new("L11", SiteReason.Permitted, Place.Urban, SiteStyle.Towers, 150, 110, -62, 25, 120, Reporting: true, InSmall: true),
        new("L12", SiteReason.Permitted, Place.Urban, SiteStyle.Hall, 112, 96, -34, 20, 70, Reporting: true),
    ];

    private static readonly (string Id, string Kind, Place Place, double Width, double Height, int Day, int? Days, bool InSmall)[] Lures =
    [
        ("D01", "ploughed", Place.Country, 190, 120, 30, 62, true),
        ("D02", "ploughed", Place.Farmland, 210, 130, 250, 70, false),
        ("D03", "fallow", Place.Farmland, 180, 110, 160, 330, true),
        ("D04", "film", Place.Country, 130, 90, 120, 120, true),
        ("D05", "film", Place.Country, 110, 80, 470, 110, false),
        ("D06", "clear_cut", Place.Woods, 170, 120, 210, null, false),
        ("D07", "burnt", Place.Country, 160, 100, 190, 40, true),
        ("D08", "burnt", Place.Farmland, 140, 100, 560, 36, false),
        ("D09", "demolition", Place.Country, 70, 50, 275, null, true),
        ("D10", "ploughed", Place.Farmland, 150, 120, 600, 58, false),
    ];

    public List<Site> PlantSites()
    {
        // The largest first: they are the hardest to place.
        var plans = Plans.Where(p => !_layout.Small || p.InSmall).OrderByDescending(p => p.Width * p.Height).ToList();
        var sites = new List<Site>();
        foreach (var plan in plans)
        {
            var d = _dice.For(plan.Id);
            var shrink = _layout.Small && plan.Width > 100 ? 0.72 : 1.0;
            var (width, height, over) = (plan.Width * shrink, plan.Height * shrink, plan.Overreach * shrink);
            // Ground signals beside a site without approval must not lie so near a permit that they could be its.
            var lone = plan.Reporting && plan.Reason != SiteReason.Permitted ? 160 : 0;
            var whole = Find(plan.Id, plan.Place, width + over, height, d, lone);
            Box? overreach = null;
            if (over > 0)
            {
                var (x, y) = whole.At(whole.Width / 2 - over / 2, 0);
                overreach = new Box(x, y, over, height, whole.Angle);
            }

            var from = (plan.Day >= 0 ? _options.Start : _options.Today).AddDays(plan.Day);
            sites.Add(new Site(
                plan.Id, plan.Reason, plan.Style, whole, overreach, from, from.AddDays(plan.Earth), from.AddDays(plan.Earth + plan.Build),
                plan.Reporting, plan.Night, d.Index(1024, 99)));
        }

        return [.. sites.OrderBy(s => s.Id, StringComparer.Ordinal)];
    }

    public List<Distractor> PlantDistractors()
    {
        var list = new List<Distractor>();
        foreach (var (id, kind, place, width, height, day, days, inSmall) in Lures)
        {
            if (_layout.Small && !inSmall) continue;
            var shrink = _layout.Small ? 0.8 : 1.0;
            var d = _dice.For(id);
            var box = Find(id, place, width * shrink, height * shrink, d);
            var from = _options.Start.AddDays(day);
            list.Add(new Distractor(id, kind, from, days is { } n ? from.AddDays(n) : null, Zones.Shape(box)) { Box = box, Look = d.Index(1024, 99) });
        }

        return list;
    }

    private Box Find(string id, Place place, double width, double height, Dice d, double lone = 0)
    {
        var radius = Math.Sqrt(width * width + height * height) / 2 + lone;
        for (var i = 0; i < Tries; i++)
        {
            var x = d.Between(0, _layout.Width, 2 * i + 1);
            var y = d.Between(0, _layout.Height, 2 * i + 2);
            var gap = _layout.Small ? 70 : 140;
            if (_taken.Any(t => Math.Sqrt((t.X - x) * (t.X - x) + (t.Y - y) * (t.Y - y)) < t.Radius + radius + gap)) continue;
            var region = _layout.RegionAt(x, y).Nearest;
            var box = new Box(x, y, width, height, Math.Atan2(region.Sin, region.Cos));
            if (!Ground(box, place) || !Fits(Zones.Shape(box, 6), place)) continue;
            _taken.Add((x, y, radius));
            return box;
        }

        throw new InvalidOperationException($"Site {id} finds no place in the county of seed {_options.Seed}: choose another seed.");
    }

    private bool Fits(Polygon shape, Place place)
    {
        if (!_boundary.Contains(shape)) return false;
        return place switch
        {
            Place.Urban => _urban.Contains(shape),
            Place.Country => !_nearUrban.Intersects(shape) && !_nearRed.Intersects(shape) && !_nearFarmland.Intersects(shape),
            Place.Farmland => _farmland.Any(f => f.Contains(shape)),
            Place.RedLine => _red.Contains(shape),
            _ => true,
        };
    }

    private bool Ground(Box box, Place place)
    {
        var cells = _canvas.CellsIn(box.Corners(12));
        var good = 0;
        foreach (var cell in cells)
        {
            var cover = CoverCode.CoverOf(_canvas.Codes[cell]);
            if (cover is Cover.River or Cover.Mudbank or Cover.Asphalt or Cover.Highway or Cover.Pond or Cover.Film or Cover.Concrete
                or >= Cover.RoofGrey and <= Cover.RoofWhite) return false;
            var wood = cover is Cover.Broadleaf or Cover.Evergreen;
            if (place == Place.Woods ? wood : CoverCode.IsFarmland(_canvas.Codes[cell]) || place == Place.RedLine && (wood || cover is Cover.Grass or Cover.Reed or Cover.Tea))
                good++;
        }

        return good > cells.Count * 0.75;
    }
}
