using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.Passes;
using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.World;

/// <summary>What the passes of a schedule could see of each site.</summary>
/// <param name="SiteId">The site.</param>
/// <param name="Pixels">Pixels whose centre lies in the part that counts: the unlawful part, or a lawful site's footprint.</param>
/// <param name="ClearBefore">Passes before the earthworks with at least <see cref="MinimumPixels"/> of them clear.</param>
/// <param name="ClearAfter">Passes on or after completion with at least as many clear.</param>
/// <param name="FirstClearAfter">Day of the first of the latter.</param>
public sealed record Sighting(string SiteId, int Pixels, int ClearBefore, int ClearAfter, DateOnly? FirstClearAfter)
{
    /// <summary>What has fewer pixels cannot be asked of a detector.</summary>
    public const int MinimumPixels = 9;

    /// <summary>At least nine pixels, clear at least once before and at least once after.</summary>
    public bool Observable => Pixels >= MinimumPixels && ClearBefore > 0 && ClearAfter > 0;
}

/// <summary>One pass and, for each site, how many of its pixels were truly clear.</summary>
public sealed record PassSight(PassConditions Conditions, IReadOnlyDictionary<string, int> ClearPixels);

/// <summary>Computes from the true sky (not from the provider's mask) what could be seen.</summary>
public static class PassTruth
{
    /// <summary>Pixels (column, row) whose centres lie in a local shape.</summary>
    public static IReadOnlyList<(int Column, int Row)> PixelsIn(RasterFrame frame, Polygon shape)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(shape);
        var box = shape.EnvelopeInternal;
        var locator = new IndexedPointInAreaLocator(shape);
        var list = new List<(int, int)>();
        for (var row = Math.Max(0, (int)(box.MinY / 10)); row <= Math.Min(frame.Rows - 1, (int)(box.MaxY / 10)); row++)
            for (var column = Math.Max(0, (int)(box.MinX / 10)); column <= Math.Min(frame.Columns - 1, (int)(box.MaxX / 10)); column++)
                if (locator.Locate(new Coordinate((column + 0.5) * 10, (row + 0.5) * 10)) != Location.Exterior) list.Add((column, row));
        return list;
    }

    /// <summary>Looks at every pass of the days given.</summary>
    public static (IReadOnlyList<PassSight> Passes, IReadOnlyList<Sighting> Sites) Of(County county, IReadOnlyList<DateOnly> days)
    {
        ArgumentNullException.ThrowIfNull(county);
        ArgumentNullException.ThrowIfNull(days);
        var pixels = county.Sites.ToDictionary(s => s.Id, s => PixelsIn(county.Frame, s.UnlawfulPart ?? s.Footprint));
        var passes = new PassSight[days.Count];
        Parallel.For(0, days.Count, i =>
        {
            var conditions = PassConditions.For(county, days[i]);
            var sky = new Atmosphere(county, conditions);
            passes[i] = new PassSight(conditions, pixels.ToDictionary(p => p.Key, p => p.Value.Count(q => sky.IsClear(q.Column, q.Row))));
        });
        var sites = county.Sites.Select(s =>
        {
            var before = passes.Count(p => p.Conditions.Date < s.EarthworksFrom && p.ClearPixels[s.Id] >= Sighting.MinimumPixels);
            var after = passes.Where(p => p.Conditions.Date >= s.CompletedOn && p.ClearPixels[s.Id] >= Sighting.MinimumPixels).ToList();
            return new Sighting(s.Id, pixels[s.Id].Count, before, after.Count, after.Count == 0 ? null : after[0].Conditions.Date);
        }).ToList();
        return (passes, sites);
    }
}
