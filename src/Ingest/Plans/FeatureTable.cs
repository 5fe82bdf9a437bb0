using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>Features of one layer with their attributes, whatever they were read from. For one thread at a time.</summary>
internal interface IFeatureTable : IDisposable
{
    string Name { get; }

    IReadOnlyList<FieldInfo> Fields { get; }

    long FeatureCount { get; }

    Bounds? Extent { get; }

    /// <summary>What the user should know about how the file was read.</summary>
    IReadOnlyList<string> Remarks { get; }

    /// <summary>Kind of plan layer that the file itself says it holds.</summary>
    string? PlanKind { get; }

    /// <summary>The CRS of the coordinates, for the caller to dispose; null when the file does not say.</summary>
    SpatialReference? GetSpatialReference();

    IEnumerable<Feature> ReadAll();

    /// <summary>Faults that the format's own rules see, in the coordinates of the file.</summary>
    IEnumerable<FormatFault> FormatFaults();
}

/// <param name="Code">For example <c>closure</c>.</param>
/// <param name="Text">A sentence about the place.</param>
internal sealed record FormatFault(string Code, bool IsError, string Text, string? FeatureId, double X, double Y);

/// <summary>Features that were read as a whole.</summary>
internal sealed class MemoryTable : IFeatureTable
{
    private readonly string? _crs;
    private readonly IReadOnlyList<Feature> _rows;
    private readonly Func<IEnumerable<FormatFault>> _faults;

    public MemoryTable(
        string name, string planKind, string? crs, IReadOnlyList<FieldInfo> fields, IReadOnlyList<Feature> rows, IReadOnlyList<string> remarks,
        Func<IEnumerable<FormatFault>>? faults = null)
    {
        (Name, PlanKind, _crs, Fields, _rows, Remarks, _faults) = (name, planKind, crs, fields, rows, remarks, faults ?? (static () => []));
        var reader = new NetTopologySuite.IO.WKBReader();
        var box = new NetTopologySuite.Geometries.Envelope();
        foreach (var row in rows)
        {
            if (row.Wkb is { } wkb)
                box.ExpandToInclude(reader.Read(wkb).EnvelopeInternal);
        }

        Extent = box.IsNull ? null : new Bounds(box.MinX, box.MinY, box.MaxX, box.MaxY);
    }

    public string Name { get; }

    public IReadOnlyList<FieldInfo> Fields { get; }

    public long FeatureCount => _rows.Count;

    public Bounds? Extent { get; }

    public IReadOnlyList<string> Remarks { get; }

    public string? PlanKind { get; }

    /// <exception cref="RefusedInputException">The CRS the file names is none.</exception>
    public SpatialReference? GetSpatialReference()
    {
        try
        {
            return _crs is null ? null : SpatialReference.Parse(_crs);
        }
        catch (GdalException fault)
        {
            throw new RefusedInputException($"The file says its CRS is {_crs}, which is none that is known ({fault.Message}); give it with --crs.", fault);
        }
    }

    public IEnumerable<Feature> ReadAll() => _rows;

    public IEnumerable<FormatFault> FormatFaults() => _faults();

    public void Dispose()
    {
    }
}
