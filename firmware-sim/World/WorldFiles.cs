using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Monitoring.FirmwareSim.Devices;
using Monitoring.FirmwareSim.Geo;
using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.World;

/// <summary>
/// A county's files in a directory: what an office would hand over (regions, control lines, parcels, permits, devices, indicator targets), the
/// options to make the same county again (<c>world.json</c>), and under <c>hidden/</c> the truth that only tests read.
/// </summary>
public static class WorldFiles
{
    /// <summary>Raised when a program change makes another county of the same seed.</summary>
    public const int Generation = 1;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes all files; files of an earlier county are replaced, but device secrets already there are kept, so that devices
    /// which were imported before can still sign in.
    /// </summary>
    public static void Write(County county, string directory)
    {
        ArgumentNullException.ThrowIfNull(county);
        Directory.CreateDirectory(directory);
        var hidden = Path.Combine(directory, "hidden");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(hidden);
        else Directory.CreateDirectory(hidden, OwnerOnly | UnixFileMode.UserExecute);
        Save(directory, "regions.geojson", JsonText.Features("regions", county.Divisions.Select(d => (Props(
            ("code", d.Code), ("revision", "demo-1"), ("name", d.Name), ("name_en", d.NameEn), ("time_zone", "Asia/Shanghai")), Degrees(county, d.Shape)))));
        Save(directory, "control-lines.geojson", JsonText.Features("control-lines", county.ControlLines.Select(c => (Props(
            ("id", c.Id), ("kind", c.Kind), ("name", c.Name), ("document", c.Document), ("effective_from", Day(c.EffectiveFrom)),
            ("effective_to", Day(c.EffectiveTo))), Degrees(county, c.Shape)))));
        Save(directory, "parcels.geojson", JsonText.Features("parcels", county.Parcels.Select(p => (Props(
            ("parcel_id", p.ParcelId), ("use_code", p.UseCode), ("planned_use_code", p.PlannedUseCode), ("legal_area_m2", p.LegalAreaSquareMeters)),
            Degrees(county, p.Shape)))));
        Save(directory, "permits.geojson", JsonText.Features("permits", county.Permits.Select(p => (Props(
            ("permit_no", p.PermitNo), ("kind", p.Kind), ("project", p.Project), ("use_code", p.UseCode), ("max_height_m", p.MaxHeightMeters),
            ("floor_area_m2", p.FloorAreaSquareMeters), ("status", p.Status), ("granted_on", Day(p.GrantedOn)), ("valid_from", Day(p.ValidFrom)),
            ("valid_to", Day(p.ValidTo)), ("document", p.Document)), Degrees(county, p.Outline)))));
        SaveDevices(county, directory);
        Save(directory, "indicators.json", Targets(county));
        Save(directory, "hidden/truth.json", Truth(county));
        // Last: a directory with this file is whole.
        Save(directory, "world.json", JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["generation"] = Generation,
                ["seed"] = county.Options.Seed,
                ["size"] = county.Options.Size == CountySize.Small ? "small" : "county",
                ["today"] = Day(county.Options.Today)!,
                ["start"] = Day(county.Options.Start)!,
            }, JsonText.Options));
    }

    /// <summary>The options of the county in a directory.</summary>
    /// <exception cref="InvalidDataException">One sentence: what is wrong with the directory and how to mend it.</exception>
    public static CountyOptions ReadOptions(string directory)
    {
        var path = Path.Combine(directory, "world.json");
        if (!File.Exists(path)) throw new InvalidDataException($"No county in {directory}: make one with 'firmware-sim world --out {directory}'.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            if (root.GetProperty("generation").GetInt32() != Generation)
                throw new InvalidDataException($"{path} was written by another version of firmware-sim: make the county again with 'firmware-sim world'.");
            return new CountyOptions
            {
                Seed = root.GetProperty("seed").GetInt64(),
                Size = root.GetProperty("size").GetString() == "small" ? CountySize.Small : CountySize.County,
                Today = DateOnly.ParseExact(root.GetProperty("today").GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}): make the county again with 'firmware-sim world'.", e);
        }
    }

    /// <summary>Device id to secret, from <c>devices.json</c>.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadSecrets(string directory)
    {
        var path = Path.Combine(directory, "devices.json");
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: make the county again with 'firmware-sim world'.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.GetProperty("devices").EnumerateArray()
                .ToDictionary(d => d.GetProperty("id").GetString()!, d => d.GetProperty("secret").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}): make the county again with 'firmware-sim world'.", e);
        }
    }

    private static void SaveDevices(County county, string directory)
    {
        var path = Path.Combine(directory, "devices.json");
        var known = File.Exists(path) ? ReadSecrets(directory) : new Dictionary<string, string>();
        var things = county.Devices.DistinctBy(d => d.ThingId).Select(d => Props(
            ("id", d.ThingId), ("name", d.ThingName), ("name_en", d.ThingNameEn), ("lon", d.Longitude), ("lat", d.Latitude), ("region", d.Region)));
        var devices = county.Devices.Select(d => Props(
            ("id", d.Id), ("thing", d.ThingId),
            ("secret", known.GetValueOrDefault(d.Id) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))),
            ("firmware", d.Firmware),
            ("datastreams", d.Datastreams.Select(Stream).ToArray())));
        var bytes = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object> { ["things"] = things.ToArray(), ["devices"] = devices.ToArray() }, JsonText.Options);
        // Created closed: secrets are at no moment readable by others.
        var part = path + ".part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(part, options)) stream.Write(bytes);
        File.Move(part, path, true);
    }

    /// <summary>
    /// The county's promises: nothing new on basic farmland, which the story breaks with its first hall there, and a cap inside the red line,
    /// which it keeps. The version names the story's start, because the days follow from it.
    /// </summary>
    private static byte[] Targets(County county)
    {
        var start = county.Options.Start;
        var version = string.Create(CultureInfo.InvariantCulture, $"demo-{start:yyyyMMdd}");
        Dictionary<string, object?> Cap(string code, double squareMeters, double tolerance) => Props(
            ("code", code), ("region_code", Zones.CountyCode), ("base_date", Day(start)), ("base_value", squareMeters),
            ("target_date", Day(start.AddYears(3))), ("target_value", squareMeters), ("tolerance", tolerance), ("version", version));
        return JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["version"] = version,
                ["targets"] = (object[])[Cap("sensed-built-up-basic-farmland", 0, 5_000), Cap("sensed-built-up-red-line", 80_000, 5_000)],
            }, JsonText.Options);
    }

    /// <summary>A category has no unit; a stream of events has no interval, and says so.</summary>
    private static Dictionary<string, object?> Stream(DatastreamProfile s)
    {
        var props = Props(("name", s.Name), ("property", s.Property), ("unit", s.Unit), ("interval_s", s.IntervalSeconds), ("aggregation", s.Aggregation));
        if (s.Unit is null) props.Remove("unit");
        return props;
    }

    /// <summary>The hidden truth as UTF-8 JSON; see docs/formats/simulator.md.</summary>
    internal static byte[] Truth(County county)
    {
        var (passes, sightings) = PassTruth.Of(county, county.Schedule.Dates());
        var seen = sightings.ToDictionary(s => s.SiteId);
        return JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["seed"] = county.Options.Seed,
                ["start"] = Day(county.Options.Start)!,
                ["today"] = Day(county.Options.Today)!,
                ["minimum_pixels"] = Sighting.MinimumPixels,
                ["sites"] = county.Sites.Select(s => Props(
                    ("id", s.Id), ("lawful", s.Lawful), ("reason", Snake(s.Reason.ToString())), ("earthworks_from", Day(s.EarthworksFrom)),
                    ("building_from", Day(s.BuildingFrom)), ("completed_on", Day(s.CompletedOn)), ("complete", s.CompletedOn <= county.Options.Today),
                    ("pixels", seen[s.Id].Pixels), ("clear_passes_before", seen[s.Id].ClearBefore), ("clear_passes_after", seen[s.Id].ClearAfter),
                    ("first_clear_after", Day(seen[s.Id].FirstClearAfter)), ("observable", seen[s.Id].Observable),
                    ("ground_signal", s.Reporting),
                    ("devices", county.Devices.Where(d => d.SiteId == s.Id).Select(d => d.Id).ToArray()),
                    ("permits", county.Permits.Where(p => p.SiteId == s.Id).Select(p => p.PermitNo).ToArray()),
                    ("footprint", JsonText.Geometry(Degrees(county, s.Footprint))),
                    ("unlawful_part", s.UnlawfulPart is null ? null : JsonText.Geometry(Degrees(county, s.UnlawfulPart))),
                    ("buildings", s.Buildings().Select(b => JsonText.Geometry(Degrees(county, Zones.Shape(b)))).ToArray()))).ToArray(),
                ["distractors"] = county.Distractors.Select(d => Props(
                    ("id", d.Id), ("kind", d.Kind), ("from", Day(d.From)), ("to", Day(d.To)),
                    ("footprint", JsonText.Geometry(Degrees(county, d.Footprint))))).ToArray(),
                ["passes"] = passes.Select(p => Props(
                    ("id", p.Conditions.Id), ("date", Day(p.Conditions.Date)), ("cloud_share", Math.Round(p.Conditions.CloudShare, 3)),
                    ("swath_cut", p.Conditions.SwathEdge is not null), ("clear_pixels", p.ClearPixels))).ToArray(),
            }, JsonText.Compact);
    }

    private static string Snake(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));

    private static Geometry Degrees(County county, Geometry local) => county.Frame.ToDegrees(local);

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Dictionary<string, object?> Props(params (string Name, object? Value)[] values) => values.ToDictionary(v => v.Name, v => v.Value);

    private static void Save(string directory, string name, byte[] bytes)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllBytes(path + ".part", bytes);
        File.Move(path + ".part", path, true);
    }
}
