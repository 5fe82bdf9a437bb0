using System.Globalization;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Ingest.Plans.Quality;

/// <summary>
/// Whether features lie where the map that is already there says they should: within the regions, and without the offset of GCJ-02.
/// </summary>
internal sealed class PlaceCheck(QualityReport report)
{
    /// <summary>About 0.001° is 100 m: what is looked at around the features for a reference, in degrees.</summary>
    public const double Margin = 0.01;

    private const double MetresPerDegree = 111_000;
    private const int FewestPairs = 3, MostSampled = 20_000;

    /// <param name="regions">Regions known now.</param>
    /// <param name="same">What is known now of the same layer, any ids.</param>
    /// <param name="others">Features of other polygon layers near by.</param>
    public void Check(IReadOnlyList<MapFeature> features, IReadOnlyList<Region> regions, IReadOnlyList<MapFeature> same, IReadOnlyList<MapFeature> others)
    {
        if (features.Count == 0)
            return;
        OtherRevisions(features, same);
        OutsideRegions(features, regions);
        Gcj(features, same, others);
    }

    /// <summary>Codes of divisions are split, merged and used again: the same code with another name under another revision is not the same place.</summary>
    private void OtherRevisions(IReadOnlyList<MapFeature> features, IReadOnlyList<MapFeature> same)
    {
        var known = same.OfType<Region>().ToLookup(r => r.Id, StringComparer.Ordinal);
        foreach (var region in features.OfType<Region>())
        {
            if (known[region.Id].FirstOrDefault(k => k.Revision != region.Revision && k.Name != region.Name) is not { } other)
                continue;
            var at = region.Outline.Box.Centre;
            report.Add(new QualityFault(
                FaultCodes.CodeRevision, false,
                $"Feature '{region.Id}' is {region.Name} in revision {region.Revision} of the division codes, but {other.Name} in revision {other.Revision} on the map; check that both mean the same revision, and give the day of the change with effective_from.",
                null, region.Id, at.X, at.Y, AreaSquareMeters: region.Outline.AreaSquareMeters)
            { Shape = region.Outline.Shape });
        }
    }

    private void OutsideRegions(IReadOnlyList<MapFeature> features, IReadOnlyList<Region> regions)
    {
        if (features[0] is Region || regions.Count == 0)
        {
            report.Checks.Add(("features within the known regions", false, features[0] is Region ? "these are the regions" : "no regions are on the map yet"));
            return;
        }

        var tree = new STRtree<IPreparedGeometry>();
        foreach (var region in regions)
            tree.Insert(region.Outline.Box, PreparedGeometryFactory.Prepare(region.Outline.Shape));
        foreach (var feature in features)
        {
            if (tree.Query(feature.Outline.Box).Any(r => r.Intersects(feature.Outline.Shape)))
                continue;
            var at = feature.Outline.Box.Centre;
            report.Add(new QualityFault(
                FaultCodes.OutsideRegion, false,
                string.Create(CultureInfo.InvariantCulture, $"Feature '{feature.Id}' lies at {at.X:0.#####}, {at.Y:0.#####}, outside every region on the map; check its coordinates and CRS."),
                null, feature.Id, at.X, at.Y, AreaSquareMeters: feature.Outline.AreaSquareMeters)
            { Shape = feature.Outline.Shape });
        }

        report.Checks.Add(("features within the known regions", true, string.Create(CultureInfo.InvariantCulture, $"{regions.Count} regions")));
    }

    private void Gcj(IReadOnlyList<MapFeature> features, IReadOnlyList<MapFeature> same, IReadOnlyList<MapFeature> others)
    {
        if (GcjOffset.At(features[0].Outline.Box.Centre.X, features[0].Outline.Box.Centre.Y) == (0, 0))
        {
            report.Checks.Add(("GCJ-02 offset", false, "not in the area where it is used"));
            return;
        }

        if (ById(features, same) is { } moved)
        {
            report.Checks.Add(("GCJ-02 offset", true, "against the same ids on the map"));
            if (moved.Length > 0)
                Add(features, moved);
            return;
        }

        if (ByCorners(features, [.. same, .. others]) is { } shifted)
        {
            report.Checks.Add(("GCJ-02 offset", true, "by corners in common with the map"));
            if (shifted.Length > 0)
                Add(features, shifted);
            return;
        }

        report.Checks.Add(("GCJ-02 offset", false, "nothing on the map at this place to compare with"));
    }

    /// <summary>Features with a known id that moved by the offset there; null = too few to tell, empty = they did not.</summary>
    private static string? ById(IReadOnlyList<MapFeature> features, IReadOnlyList<MapFeature> same)
    {
        var known = same.GroupBy(f => f.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var moves = new List<(double Off, double BackOff, double Metres, double Gcj)>();
        foreach (var feature in features)
        {
            if (!known.TryGetValue(feature.Id, out var before))
                continue;
            Coordinate now = feature.Outline.Shape.Centroid.Coordinate, then = before.Outline.Shape.Centroid.Coordinate;
            var (dLon, dLat) = GcjOffset.At(then.X, then.Y);
            var metres = Metres(now.X - then.X, now.Y - then.Y, then.Y);
            moves.Add((Metres(now.X - then.X - dLon, now.Y - then.Y - dLat, then.Y), Metres(now.X - then.X + dLon, now.Y - then.Y + dLat, then.Y), metres, Metres(dLon, dLat, then.Y)));
        }

        if (moves.Count < FewestPairs)
            return null;
        var (off, back, moved, offset) = (Median(moves.Select(m => m.Off)), Median(moves.Select(m => m.BackOff)), Median(moves.Select(m => m.Metres)), Median(moves.Select(m => m.Gcj)));
        if (off < 0.15 * offset)
            return string.Create(CultureInfo.InvariantCulture, $"{moves.Count} features that are on the map already now lie {moved:0} m away, just as the GCJ-02 offset there ({offset:0} m)");
        return back < 0.15 * offset
            ? string.Create(CultureInfo.InvariantCulture, $"{moves.Count} features that are on the map already now lie {moved:0} m away, against the GCJ-02 offset there ({offset:0} m): what is on the map may be in GCJ-02")
            : "";
    }

    /// <summary>Corners in common with the map as they stand and with the offset taken away.</summary>
    private static string? ByCorners(IReadOnlyList<MapFeature> features, IReadOnlyList<MapFeature> reference)
    {
        // Corners of the map on a grid of about 2 m, each also in the cells beside it.
        const double cell = 2 / MetresPerDegree;
        var known = new HashSet<(long, long)>();
        foreach (var at in reference.SelectMany(f => f.Outline.Shape.Coordinates).Take(2_000_000))
        {
            for (var x = -1; x <= 1; x++)
            {
                for (var y = -1; y <= 1; y++)
                    known.Add(((long)Math.Floor(at.X / cell) + x, (long)Math.Floor(at.Y / cell) + y));
            }
        }

        var all = features.SelectMany(f => f.Outline.Shape.Coordinates).ToList();
        if (known.Count == 0 || all.Count == 0)
            return null;
        var step = Math.Max(1, all.Count / MostSampled);
        int asIs = 0, without = 0, with = 0, looked = 0;
        for (var i = 0; i < all.Count; i += step)
        {
            looked++;
            asIs += Has(all[i].X, all[i].Y) ? 1 : 0;
            var (lon, lat) = GcjOffset.Remove(all[i].X, all[i].Y);
            without += Has(lon, lat) ? 1 : 0;
            (lon, lat) = GcjOffset.Apply(all[i].X, all[i].Y);
            with += Has(lon, lat) ? 1 : 0;
        }

        if (without >= 10 && without > 0.2 * looked && without > 5 * asIs)
            return string.Create(CultureInfo.InvariantCulture, $"{without} of {looked} corners fall on corners of the map once the GCJ-02 offset is taken away, {asIs} as they stand");
        if (with >= 10 && with > 0.2 * looked && with > 5 * asIs)
            return string.Create(CultureInfo.InvariantCulture, $"{with} of {looked} corners fall on corners of the map once the GCJ-02 offset is added, {asIs} as they stand: what is on the map may be in GCJ-02");
        return asIs >= 10 ? "" : null;

        bool Has(double x, double y) => known.Contains(((long)Math.Floor(x / cell), (long)Math.Floor(y / cell)));
    }

    private void Add(IReadOnlyList<MapFeature> features, string what)
    {
        var box = new Envelope();
        foreach (var feature in features)
            box.ExpandToInclude(feature.Outline.Box);
        report.Add(new QualityFault(
            FaultCodes.Gcj02, true, $"The layer looks shifted by GCJ-02: {what}; get the coordinates in CGCS2000, or transform them before the import.", null, null, box.Centre.X, box.Centre.Y)
        { Shape = new GeometryFactory().ToGeometry(box) });
    }

    private static double Metres(double dLon, double dLat, double lat)
    {
        double x = dLon * Math.Cos(lat * Math.PI / 180) * MetresPerDegree, y = dLat * MetresPerDegree;
        return Math.Sqrt((x * x) + (y * y));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
