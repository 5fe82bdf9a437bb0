using System.Globalization;
using System.Reflection;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>Where a result comes from, as names and values that are the same for the same inputs: for the summary and for each file's own metadata.</summary>
public static class Provenance
{
    /// <summary>In ordinal order of the names; no moment of processing is among them, so that files of the same inputs are the same.</summary>
    public static IReadOnlyDictionary<string, string> Of(PairResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (request, changes) = (result.Request, result.Changes);
        var said = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["change_set"] = changes.Id,
            ["detector"] = changes.DetectorId,
            ["detector_version"] = changes.DetectorVersion,
            ["parameters"] = request.Fingerprint,
            ["software"] = $"monitoring {typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}",
            ["gdal"] = GdalLibrary.Version,
        };
        AddScene("before", request.Baseline, request.BaselineIsDated);
        AddScene("after", request.Current, request.CurrentIsDated);
        if (request.ScoreReason is { } reason)
        {
            said["scoring"] = reason;
        }

        foreach (var (name, value) in request.Scores?.Card ?? new Dictionary<string, string>())
        {
            said[$"model_{name}"] = value;
        }

        return said;

        void AddScene(string name, Scene scene, bool isDated)
        {
            said[$"{name}_scene"] = scene.Id;
            said[$"{name}_content_hash"] = scene.ContentHash;
            if (isDated)
            {
                said[$"{name}_acquired_at"] = scene.AcquiredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Writes it into a raster's own metadata, names in capitals with a prefix.</summary>
    internal static void Stamp(RasterDataset raster, IReadOnlyDictionary<string, string> said)
    {
        foreach (var (name, value) in said)
        {
            raster.SetMetadata($"MONITORING_{name.ToUpperInvariant()}", value);
        }
    }

    /// <summary>The same as options of the PNG driver, which keeps them as text inside the file.</summary>
    internal static IReadOnlyList<string> PngText(string title, IReadOnlyDictionary<string, string> said) =>
        ["WRITE_METADATA_AS_TEXT=YES", $"TITLE={title}", $"DESCRIPTION={string.Join("; ", said.Select(s => $"{s.Key}={s.Value}"))}"];

    /// <summary>The day of a scene, or that nobody said.</summary>
    internal static string Day(Scene scene, bool isDated) => isDated ? scene.AcquiredAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "date unknown";

    /// <summary>Metres across one column in the middle of a grid.</summary>
    internal static double MetersAcross(Grid grid)
    {
        using var from = SpatialReference.Parse(grid.CrsWkt);
        using var to = SpatialReference.FromEpsg(Domain.Geometry.Outline.Srid);
        using var degrees = new CoordinateTransform(from, to);
        var transform = GridReader.TransformOf(grid);
        var left = transform.Apply(grid.Width / 2.0, grid.Height / 2.0);
        var right = transform.Apply((grid.Width / 2.0) + 1, grid.Height / 2.0);
        var (a, b) = (degrees.Transform(left.X, left.Y), degrees.Transform(right.X, right.Y));
        return Geodesic.Cgcs2000.Inverse(a.X, a.Y, b.X, b.Y).Metres;
    }
}
