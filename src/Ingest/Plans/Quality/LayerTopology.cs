using System.Globalization;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans.Layers;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Plans.Quality;

/// <summary>Which checks of topology a layer gets, and their faults in words.</summary>
internal sealed class LayerTopology(PlanImportOptions options, QualityReport report)
{
    private static readonly PlanTopology Parcels = new() { Overlap = FaultWeight.Warning, Gap = FaultWeight.Warning, WidestGapMeters = 1 };
    private static readonly PlanTopology Lines = new() { Overlap = FaultWeight.Warning };
    private static readonly PlanTopology Regions = new() { Overlap = FaultWeight.Warning, Gap = FaultWeight.Warning };

    public void Check(ImportKind kind, PlanLayer? plan, IReadOnlyList<MapFeature> features, CancellationToken cancellationToken)
    {
        var topology = plan?.Topology ?? kind switch
        {
            ImportKind.Parcels => Parcels,
            ImportKind.ControlLines => Lines,
            ImportKind.Regions => Regions,
            _ => new PlanTopology(),
        };
        Duplicates(features);
        if (topology.Overlap is FaultWeight.Ignore && topology.Gap is FaultWeight.Ignore)
        {
            report.Checks.Add(("overlaps and gaps", false, "this layer may overlap and leave gaps"));
            return;
        }

        // What is meant to lie one over the other is looked at apart: divisions of different levels, control lines of different kinds,
        // statements for different days.
        foreach (var group in features.Where(f => f.Outline.Shape is IPolygonal).GroupBy(f => (GroupOf(f), f.EffectiveFrom, f.EffectiveTo)))
            Coverage([.. group], topology, cancellationToken);
    }

    private static string GroupOf(MapFeature feature) => feature switch
    {
        Region region => region.Id.Length.ToString(CultureInfo.InvariantCulture),
        ControlLine line => line.Kind.ToString(),
        PlanFeature plan => plan.Text("element") ?? "",
        _ => "",
    };

    private void Duplicates(IReadOnlyList<MapFeature> features)
    {
        var seen = new Dictionary<ShapeKey, MapFeature>(features.Count);
        foreach (var feature in features)
        {
            var key = new ShapeKey(feature.Outline.Shape, (GroupOf(feature), feature.EffectiveFrom, feature.EffectiveTo).ToString());
            if (seen.TryAdd(key, feature))
                continue;
            var box = feature.Outline.Box;
            report.Add(new QualityFault(
                FaultCodes.DuplicateShape, false, $"Feature '{feature.Id}' has the same geometry as '{seen[key].Id}'; remove one of them, or say which is in force when.", null, feature.Id,
                box.Centre.X, box.Centre.Y, AreaSquareMeters: feature.Outline.AreaSquareMeters, Others: [seen[key].Id])
            { Shape = feature.Outline.Shape });
        }

        report.Checks.Add(("duplicates of id and geometry", true, ""));
    }

    private void Coverage(MapFeature[] features, PlanTopology topology, CancellationToken cancellationToken)
    {
        var check = new CoverageCheck(options.CoverageToleranceMeters, options.SliverWidthMeters, [.. features.Select(f => f.Outline.Shape)]);
        var found = check.Run(topology.Gap is not FaultWeight.Ignore, topology.WidestGapMeters, cancellationToken);
        foreach (var overlap in found.Overlaps)
        {
            var (one, other) = (features[overlap.First], features[overlap.Second]);
            var sliver = overlap.WidthMeters < options.SliverWidthMeters;
            Add(
                sliver ? FaultCodes.SliverOverlap : FaultCodes.Overlap, !sliver && topology.Overlap is FaultWeight.Error, overlap.Shape, overlap.AreaSquareMeters, one.Id, [other.Id],
                string.Create(CultureInfo.InvariantCulture, $"Features '{one.Id}' and '{other.Id}' overlap on {overlap.AreaSquareMeters:0.###} m²{Where(overlap.Shape)}; {(sliver ? "the strip is a drawing slip" : "one place has two answers")}: let one of them end there."));
        }

        foreach (var gap in found.Gaps)
        {
            var sliver = gap.WidthMeters < options.SliverWidthMeters;
            Add(
                sliver ? FaultCodes.SliverGap : FaultCodes.Gap, !sliver && topology.Gap is FaultWeight.Error, gap.Shape, gap.AreaSquareMeters, null, [.. gap.Around.Take(20).Select(i => features[i].Id)],
                string.Create(CultureInfo.InvariantCulture, $"No feature covers {gap.AreaSquareMeters:0.###} m² between {string.Join(", ", gap.Around.Take(4).Select(i => $"'{features[i].Id}'"))}{(gap.Around.Count > 4 ? ", …" : "")}{Where(gap.Shape)}; {(sliver ? "draw the common boundary once" : "fill the gap, or say that it is meant")}."));
        }

        foreach (var sliver in found.Slivers)
        {
            var feature = features[sliver.Index];
            Add(
                FaultCodes.Sliver, false, feature.Outline.Shape, feature.Outline.AreaSquareMeters, feature.Id, [],
                string.Create(CultureInfo.InvariantCulture, $"Feature '{feature.Id}' is a strip of {feature.Outline.AreaSquareMeters:0.###} m² about {sliver.WidthMeters:0.###} m wide{Where(feature.Outline.Shape)}; merge it with its neighbour unless it is meant."));
        }

        report.Checks.Add(("overlaps, gaps and slivers", true, string.Create(
            CultureInfo.InvariantCulture,
            $"{features.Length} polygons; {found.CommonEdges} common edges within {options.CoverageToleranceMeters} m; {found.MissingNodes} corners that the neighbour lacks{(found.Untraced > 0 ? $"; {found.Untraced} edges around overlaps were not searched for gaps" : "")}")));
    }

    private void Add(string code, bool isError, Geometry shape, double area, string? id, IReadOnlyList<string> others, string text)
    {
        var at = shape.InteriorPoint.Coordinate ?? shape.EnvelopeInternal.Centre;
        report.Add(new QualityFault(code, isError, text, null, id, at.X, at.Y, AreaSquareMeters: area, Others: others) { Shape = shape });
    }

    private static string Where(Geometry shape)
    {
        var at = shape.EnvelopeInternal.Centre;
        return string.Create(CultureInfo.InvariantCulture, $" at {at.X:0.######}, {at.Y:0.######}");
    }

    /// <summary>Equality of geometries that say the same, wherever their rings begin; exact in coordinates.</summary>
    private readonly struct ShapeKey : IEquatable<ShapeKey>
    {
        private readonly Geometry _shape;
        private readonly string _group;
        private readonly int _hash;

        public ShapeKey(Geometry shape, string group)
        {
            (_shape, _group) = (shape, group);
            _hash = HashCode.Combine(shape.NumPoints, shape.EnvelopeInternal, group);
        }

        public bool Equals(ShapeKey other) =>
            _hash == other._hash && _group == other._group && _shape.NumPoints == other._shape.NumPoints && _shape.Normalized().EqualsExact(other._shape.Normalized());

        public override bool Equals(object? obj) => obj is ShapeKey other && Equals(other);

        public override int GetHashCode() => _hash;
    }
}
