using Monitoring.FirmwareSim.World;
using static Monitoring.FirmwareSim.Devices.DatastreamProfile;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>The devices of a county: on lawful sites, beside unlawful ones, and where nothing is built.</summary>
internal static class DeviceCatalogue
{
    public static IReadOnlyList<DeviceProfile> For(County county)
    {
        var list = new List<DeviceProfile>();
        var full = (DatastreamProfile[])[Noise, Pm10, Pm25, Vibration, Tilt, Power, Truck, Camera];
        foreach (var site in county.Sites.Where(s => s.Reporting))
        {
            var scene = site.NightWork ? DeviceScene.SiteByNight : DeviceScene.SiteByDay;
            // Lawful sites carry their own monitors; beside the others stands what the county put up along the road.
            var (dx, dy) = site.Lawful ? (0.0, 0.0) : (site.Plot.Width / 2 + 15, 0.0);
            var (x, y) = site.Plot.At(dx, dy);
            var number = site.Id.ToLowerInvariant();
            switch (site.Id)
            {
                case "L11":
                    Add($"site-{number}", $"thing-{number}", "柳湾安置房二期工地监测点", "Liuwan resettlement site monitor", full, mqtt5: true, gain: 38);
                    break;
                case "L12":
                    Add($"site-{number}", $"thing-{number}", "云泽食品加工厂工地监测点", "Yunze Food Works site monitor", full, mqtt5: false);
                    break;
                case "U15":
                    Add($"road-{number}", $"thing-{number}", "县道X207路侧综合杆", "County road X207 roadside pole", [Noise, Pm10, Power, Truck, Camera], mqtt5: true);
                    break;
                default:
                    Add($"road-{number}", $"thing-{number}", "机耕路口视频杆", "Field road camera pole", [Truck, Camera], mqtt5: false);
                    Add($"meter-{number}", $"thing-{number}", "机耕路口视频杆", "Field road camera pole", [Power], mqtt5: true);
                    break;
            }

            void Add(string id, string thing, string name, string nameEn, DatastreamProfile[] streams, bool mqtt5, double gain = 0) =>
                list.Add(Profile(county, id, thing, name, nameEn, x, y, scene, streams) with
                {
                    SiteId = site.Id,
                    Mqtt5 = mqtt5,
                    ClockGainSecondsPerDay = gain,
                });
        }

        var layout = county.Layout;
        var main = layout.Towns[0];
        var second = layout.Towns[1];
        list.Add(Profile(county, "air-town-1", "thing-air-1", "柳湾镇空气与噪声站", "Liuwan air and noise station", main.X, main.Y, DeviceScene.Background, [Pm10, Pm25, Noise]));
        list.Add(Profile(county, "air-rural-2", "thing-air-2", "荷塘镇空气背景站", "Hetang background air station", second.X + 90, second.Y - 60, DeviceScene.Background, [Pm10, Pm25])
            with
        { Mqtt5 = false, GapShare = 0.06 });
        var (ax, ay) = Field(county, 1);
        list.Add(Profile(county, "road-farm-3", "thing-farm-3", "农场道路卡口", "Farm road gate", ax, ay, DeviceScene.FarmRoad, [Truck, Camera, Noise]));
        var (bx, by) = Field(county, 2);
        list.Add(Profile(county, "pump-4", "thing-pump-4", "提灌站", "Irrigation pumping station", bx, by, DeviceScene.Pump, [Power, Vibration]) with { Mqtt5 = false });
        var (cx, cy) = Field(county, 3);
        list.Add(Profile(county, "pump-5", "thing-pump-5", "排涝站", "Drainage pumping station", cx, cy, DeviceScene.Pump, [Power, Truck]));
        var (hx, hy) = (layout.Width * 0.93, layout.Height * 0.08);
        list.Add(Profile(county, "slope-6", "thing-slope-6", "青岗山边坡监测点", "Qinggang slope monitor", hx, hy, DeviceScene.Slope, [Tilt, Vibration]) with { GapShare = 0.03 });
        if (county.Options.Size == CountySize.County)
        {
            list.Add(Profile(county, "air-works-7", "thing-air-7", "工业园空气站", "Industrial park air station", layout.Industry.X, layout.Industry.Y, DeviceScene.Background, [Pm10, Pm25, Noise]));
            var (dx, dy) = Field(county, 4);
            list.Add(Profile(county, "road-farm-8", "thing-farm-8", "乡道Y031路侧杆", "Township road Y031 pole", dx, dy, DeviceScene.FarmRoad, [Truck, Camera, Power]) with { Mqtt5 = false });
        }

        return list;
    }

    private static (double X, double Y) Field(County county, int n)
    {
        var d = county.Dice.For("device place").For(n);
        for (var i = 0; ; i++)
        {
            double x = d.Between(0.1, 0.9, 2 * i) * county.Layout.Width, y = d.Between(0.1, 0.9, 2 * i + 1) * county.Layout.Height;
            var far = county.Sites.All(s => Math.Abs(s.Plot.X - x) + Math.Abs(s.Plot.Y - y) > (county.Layout.Small ? 350 : 900));
            if (i > 5000 || far && CoverCode.IsFarmland(county.Canvas.Codes[county.Canvas.CellAt(x, y)])) return (x, y);
        }
    }

    private static DeviceProfile Profile(
        County county, string id, string thing, string name, string nameEn, double x, double y, DeviceScene scene, DatastreamProfile[] streams)
    {
        var (longitude, latitude) = county.Frame.ToDegrees(x, y);
        return new DeviceProfile
        {
            Id = id,
            ThingId = thing,
            ThingName = name,
            ThingNameEn = nameEn,
            Longitude = Math.Round(longitude, 6),
            Latitude = Math.Round(latitude, 6),
            Region = county.RegionAt(x, y),
            Scene = scene,
            Datastreams = streams,
        };
    }
}
