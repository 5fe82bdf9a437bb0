using Monitoring.FirmwareSim.Chance;

namespace Monitoring.FirmwareSim.World;

/// <summary>
/// The ground on a day: the county's canvas with every site and distractor in its state. One instance belongs to one renderer
/// and is painted anew for each day; not thread safe.
/// </summary>
internal sealed class GroundOnDay
{
    private readonly Canvas _base;
    private readonly List<SiteCells> _sites;
    private readonly List<(Distractor Lure, List<int> Cells)> _lures;

    public GroundOnDay(County county)
    {
        _base = county.Canvas;
        Codes = new ushort[_base.Codes.Length];
        Heights = new byte[_base.Heights.Length];
        _sites = [.. county.Sites.Select(s => new SiteCells(s, _base))];
        _lures = [.. county.Distractors.Select(d => (d, _base.CellsIn(d.Box.Corners())))];
    }

    public ushort[] Codes { get; }

    public byte[] Heights { get; }

    public void Paint(DateOnly day)
    {
        _base.Codes.CopyTo(Codes, 0);
        _base.Heights.CopyTo(Heights, 0);
        foreach (var (lure, cells) in _lures) Paint(lure, cells, day);
        foreach (var site in _sites) Paint(site, day);
    }

    private void Set(int cell, ushort code, int height = 0)
    {
        Codes[cell] = code;
        Heights[cell] = (byte)height;
    }

    private void Paint(SiteCells cells, DateOnly day)
    {
        var site = cells.Site;
        if (day < site.EarthworksFrom) return;
        var look = site.Look & 31;
        var earth = Share(site.EarthworksFrom, site.BuildingFrom, day);
        var build = Share(site.BuildingFrom, site.CompletedOn, day);
        foreach (var (cell, order) in cells.Plot)
        {
            if (order > earth * 1.7 + 0.15) continue;
            var own = (int)(Dice.Mix((ulong)cell * 31 + (ulong)site.Look) & 31);
            var code = build < 0.55 || site.Style == SiteStyle.Villas && build < 1
                ? CoverCode.Of(Cover.Earthworks, look, own)
                : CoverCode.Of(Cover.Concrete, look, (look + (own >> 3)) & 31);
            // A year on, the margins are green where people live.
            if (build >= 1 && site.Style is SiteStyle.Villas or SiteStyle.Towers && day > site.CompletedOn.AddDays(120) && own < 15)
                code = CoverCode.Of(Cover.UrbanGreen, look, own);
            Set(cell, code);
        }

        for (var k = 0; k < cells.Buildings.Count; k++)
        {
            var begin = 0.5 * k / cells.Buildings.Count;
            var progress = (build - begin) / 0.5;
            if (build <= 0 || progress <= 0) continue;
            var roofed = progress > 0.5;
            var height = (int)Math.Ceiling(site.HeightMeters * Math.Clamp(progress, 0.1, 1));
            foreach (var cell in cells.Buildings[k])
                Set(cell, roofed ? CoverCode.Of(Roof(site), look, (look * 7 + k) & 31) : CoverCode.Of(Cover.Foundation, look, cell & 31), height);
        }
    }

    private static Cover Roof(Site site) => site.Style switch
    {
        SiteStyle.Hall => (site.Look >> 5) % 3 == 0 ? Cover.RoofWhite : Cover.RoofBlue,
        SiteStyle.Villas => Cover.RoofRed,
        SiteStyle.Towers => Cover.RoofGrey,
        SiteStyle.Sheds => Cover.RoofBlue,
        _ => Cover.RoofWhite,
    };

    private void Paint(Distractor lure, List<int> cells, DateOnly day)
    {
        var look = lure.Look & 31;
        var started = day >= lure.From;
        var over = lure.To is { } to && day >= to;
        if (lure.Kind == "demolition")
        {
            var code = !started ? CoverCode.Of(Cover.RoofGrey, look, look)
                : day < lure.From.AddDays(70) ? CoverCode.Of(Cover.Rubble, look, look)
                : CoverCode.Of(Cover.Grass, look, look);
            foreach (var cell in cells) Set(cell, code, started ? 0 : 9);
            return;
        }

        if (!started || over) return;
        var cover = lure.Kind switch
        {
            "ploughed" => Cover.Ploughed,
            "fallow" => Cover.Fallow,
            "film" => Cover.Film,
            "clear_cut" => Cover.Cleared,
            "burnt" => Cover.Burnt,
            _ => throw new InvalidOperationException($"Unknown distractor {lure.Kind}."),
        };
        foreach (var cell in cells) Set(cell, CoverCode.Of(cover, look, cover == Cover.Film ? look : (int)(Dice.Mix((ulong)cell) & 31)));
    }

    private static double Share(DateOnly from, DateOnly to, DateOnly day) =>
        Math.Clamp((day.DayNumber - from.DayNumber) / (double)(to.DayNumber - from.DayNumber), 0, 1);

    private sealed class SiteCells
    {
        public SiteCells(Site site, Canvas canvas)
        {
            Site = site;
            var box = site.Plot;
            double cos = Math.Cos(box.Angle), sin = Math.Sin(box.Angle);
            foreach (var cell in canvas.CellsIn(box.Corners()))
            {
                // The machines work across the plot from one end to the other, with a ragged front.
                var x = (cell % canvas.Columns + 0.5) * Canvas.CellMeters - box.X;
                var y = (cell / canvas.Columns + 0.5) * Canvas.CellMeters - box.Y;
                var along = (x * cos + y * sin) / box.Width + 0.5;
                var ragged = (Dice.Mix((ulong)(cell / 3) * 77 + (ulong)site.Look) & 255) / 255.0 * 0.25;
                Plot.Add((cell, along + ragged));
            }

            foreach (var building in site.Buildings()) Buildings.Add(canvas.CellsIn(building.Corners()));
        }

        public Site Site { get; }

        public List<(int Cell, double Order)> Plot { get; } = [];

        public List<List<int>> Buildings { get; } = [];
    }
}
