using System.Globalization;
using Monitoring.FirmwareSim.Chance;
using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.World;

/// <summary>What the county's offices hold on paper: control lines, permits, parcels.</summary>
internal static class Registry
{
    public static List<ControlLineRecord> ControlLines(Zones zones, CountyOptions options)
    {
        var from = new DateOnly(options.Start.Year - 2, 10, 1);
        var list = new List<ControlLineRecord>();
        var n = 0;
        foreach (var part in zones.RedLine.Flatten())
            list.Add(new ControlLineRecord(
                $"ERL-{++n:00}", "ecological_red_line", n == 1 ? "云河生态保护红线" : $"青岗山生态保护红线{n - 1}", "云政发〔2022〕31号", from, null, part));
        n = 0;
        foreach (var part in zones.BasicFarmland)
            list.Add(new ControlLineRecord(
                $"PBF-{++n:000}", "permanent_basic_farmland", $"永久基本农田图斑{n:000}", "云政发〔2022〕31号", from, null, part));
        n = 0;
        foreach (var part in zones.UrbanBoundary.Flatten())
            list.Add(new ControlLineRecord(
                $"UDB-{++n:00}", "urban_development_boundary", $"城镇开发边界{n:00}", "云政发〔2022〕32号", from, null, part));
        return list;
    }

    public static List<PermitRecord> Permits(IReadOnlyList<Site> sites, CountyOptions options)
    {
        var list = new List<PermitRecord>();
        foreach (var site in sites)
        {
            var d = Dice.FromSeed(options.Seed).For("permit").For(site.Id);
            switch (site.Reason)
            {
                case SiteReason.Permitted:
                    var granted = site.EarthworksFrom.AddDays(-20 - d.Index(60));
                    var rural = site.Id is "L05" or "L06" or "L09";
                    Add(list, site, Zones.Shape(site.Plot, 14), rural ? Rural(site.Id) : Urban, granted, granted.AddYears(3), "granted");
                    break;
                case SiteReason.OutsideOutline:
                    var on = site.EarthworksFrom.AddDays(-35);
                    // The approved outline ends half a metre before the overreach begins; on the other sides it has a margin.
                    double left = -site.Plot.Width / 2 - 12, right = site.Plot.Width / 2 - site.Overreach!.Value.Width - 0.5, half = site.Plot.Height / 2 + 12;
                    var approved = Zones.Ring([site.Plot.At(left, -half), site.Plot.At(right, -half), site.Plot.At(right, half), site.Plot.At(left, half)]);
                    Add(list, site, approved, Urban, on, on.AddYears(3), "granted");
                    break;
                case SiteReason.ExpiredPermit:
                    var ended = site.EarthworksFrom.AddDays(-60);
                    Add(list, site, Zones.Shape(site.Plot, 14), Urban, ended.AddYears(-2), ended, "expired");
                    break;
                case SiteReason.NoPermit when site.Id == "U08":
                    // Asked for, never granted: an application is no approval.
                    var asked = site.EarthworksFrom.AddDays(-10);
                    list.Add(Record(site, Zones.Shape(site.Plot, 14), "construction_works", "applied", null, asked, asked.AddYears(3), 1));
                    break;
                default:
                    break;
            }
        }

        return list;
    }

    private static readonly string[] Urban = ["farmland_conversion", "land_supply", "land_use", "construction_works", "construction_start"];

    private static string[] Rural(string id) => id switch
    {
        "L05" => ["farmland_conversion", "homestead", "rural_planning"],
        "L06" => ["facility_agriculture"],
        _ => ["farmland_conversion", "rural_planning", "construction_works"],
    };

    private static void Add(
        List<PermitRecord> list, Site site, Polygon outline, string[] kinds, DateOnly granted, DateOnly to, string status)
    {
        var n = 0;
        foreach (var kind in kinds)
        {
            // The chain takes its time: the later papers follow the earlier by days.
            var on = granted.AddDays(-3 * (kinds.Length - 1 - n));
            list.Add(Record(site, outline, kind, status, on, on, to, ++n));
        }
    }

    private static PermitRecord Record(
        Site site, Polygon outline, string kind, string status, DateOnly? granted, DateOnly from, DateOnly to, int n)
    {
        var year = (granted ?? from).Year.ToString(CultureInfo.InvariantCulture);
        var letter = site.Id[0] == 'L' ? "1" : "2";
        var number = $"{Zones.CountyCode}{year}{letter}{site.Id[1..]}{n}";
        return new PermitRecord(
            number, kind, Project(site), UseCode(site), site.HeightMeters + 6, Math.Round(site.Buildings().Sum(b => b.Width * b.Height)
            * Math.Max(1, site.HeightMeters / 4)), status, granted, from, to, $"云自然资许〔{year}〕{letter}{site.Id[1..]}{n}号", outline, site.Id);
    }

    public static string UseCode(Site site) => site.Id switch
    {
        "L02" => "0701",
        "L08" => "0806",
        "L03" => "0804",
        "L05" => "0703",
        "L06" => "0602",
        "L07" => "0901",
        "L04" => "1101",
        "L09" => "1202",
        "L11" => "0701",
        _ => "1001",
    };

    private static string Project(Site site) => site.Id switch
    {
        "L01" => "云泽精密制造一期 Yunze Precision Works, phase 1",
        "L02" => "柳湾新苑住宅小区 Liuwan New Garden housing",
        "L03" => "云泽县实验中学新校区 Yunze Experimental School, new campus",
        "L04" => "云泽冷链仓储中心 Yunze Cold Chain Warehouse",
        "L05" => "农村宅基地（一户） Rural homestead, one household",
        "L06" => "生态养殖设施农用地 Livestock facility",
        "L07" => "柳湾商贸中心 Liuwan Trade Centre",
        "L08" => "云泽县人民医院东院 Yunze People's Hospital, east wing",
        "L09" => "乡村公路养护站 Rural road maintenance depot",
        "L10" => "云泽新材料厂房 Yunze New Materials hall",
        "L11" => "柳湾安置房二期 Liuwan resettlement housing, phase 2",
        "L12" => "云泽食品加工厂 Yunze Food Works",
        _ => $"项目{site.Id} Project {site.Id}",
    };

    /// <summary>Field regions become collective farmland parcels; each site with papers has its own parcel cut out of them.</summary>
    public static List<ParcelRecord> Parcels(Zones zones, Layout layout, IReadOnlyList<PermitRecord> permits)
    {
        var list = new List<ParcelRecord>();
        var towns = zones.Divisions.Skip(1).ToList();
        var counters = new Dictionary<string, int>();
        string Number(Geometry shape, string nature)
        {
            var town = towns.MinBy(t => t.Shape.Distance(shape.InteriorPoint))!.Code;
            counters[town] = counters.GetValueOrDefault(town) + 1;
            return $"{town}001{nature}{counters[town]:00000}";
        }

        var plots = permits.GroupBy(p => p.SiteId).Select(g => g.Last()).ToList();
        foreach (var plot in plots)
            list.Add(new ParcelRecord(Number(plot.Outline, "GB"), "0101", plot.UseCode, Math.Round(plot.Outline.Area, 2), plot.Outline));
        var cut = NetTopologySuite.Operation.Union.UnaryUnionOp.Union(
            [zones.UrbanBoundary, .. plots.Select(p => (Geometry)p.Outline)]);
        foreach (var (region, cell) in zones.Cells)
            foreach (var part in cell.Difference(cut).Flatten().Where(p => p.Area > 2000))
            {
                var use = region.Main switch
                {
                    Cover.Pond or Cover.Lotus => "1704",
                    Cover.Orchard => "0201",
                    Cover.Vegetables or Cover.Film => "0102",
                    Cover.WheatMaize => "0103",
                    _ => layout.Relief(part.InteriorPoint.X, part.InteriorPoint.Y) > 9 ? "0301" : "0101",
                };
                list.Add(new ParcelRecord(Number(part, "JC"), use, use, Math.Round(part.Area, 2), part));
            }

        return list;
    }
}
