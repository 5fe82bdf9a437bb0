using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Plans.Quality;

/// <param name="WidthMeters">Mean width: twice the area through the perimeter.</param>
internal sealed record OverlapFound(int First, int Second, Geometry Shape, double AreaSquareMeters, double WidthMeters);

/// <param name="Around">Features at its boundary.</param>
internal sealed record GapFound(Geometry Shape, double AreaSquareMeters, double WidthMeters, IReadOnlyList<int> Around);

internal sealed record SliverFound(int Index, double WidthMeters);

internal sealed record CoverageResult
{
    public List<OverlapFound> Overlaps { get; } = [];

    public List<GapFound> Gaps { get; } = [];

    public List<SliverFound> Slivers { get; } = [];

    /// <summary>Edges that two neighbours have in common.</summary>
    public int CommonEdges { get; set; }

    /// <summary>Corners on an edge of a neighbour that has no corner there.</summary>
    public int MissingNodes { get; set; }

    /// <summary>Boundary edges that close to no ring.</summary>
    public int Untraced { get; set; }
}
