namespace Monitoring.Gdal;

#pragma warning disable CA1720 // these are the names of field types
/// <summary>Type of an attribute; the numbers are OGR's own (<c>OGRFieldType</c>).</summary>
public enum FieldType
{
    /// <summary>32-bit; also booleans (see <see cref="FieldInfo.IsBoolean"/>).</summary>
    Integer = 0,
    IntegerList = 1,
    Real = 2,
    RealList = 3,
    Text = 4,
    TextList = 5,
    Binary = 8,
    Date = 9,
    Time = 10,
    DateTime = 11,
    Integer64 = 12,
    Integer64List = 13,
}
#pragma warning restore CA1720

/// <summary>An attribute of a layer.</summary>
/// <param name="Name">As the file spells it.</param>
/// <param name="Alias">A longer or local name, or "".</param>
/// <param name="Width">Greatest number of characters, 0 = not limited.</param>
public sealed record FieldInfo(string Name, FieldType Type, bool IsBoolean = false, string Alias = "", int Width = 0);

/// <summary>Geometry type of a layer; the numbers are OGR's own (2D).</summary>
public enum GeometryKind
{
    Unknown = 0,
    Point = 1,
    LineString = 2,
    Polygon = 3,
    MultiPoint = 4,
    MultiLineString = 5,
    MultiPolygon = 6,
    GeometryCollection = 7,
    CircularString = 8,
    CompoundCurve = 9,
    CurvePolygon = 10,
    MultiCurve = 11,
    MultiSurface = 12,

    /// <summary>A table without geometry.</summary>
    None = 100,
}

/// <summary>Which features to read, and how their geometry comes.</summary>
public sealed record FeatureQuery
{
    /// <summary>Only features whose box meets this one, in the CRS of the layer. Default all.</summary>
    public Bounds? Within { get; init; }

    /// <summary>An OGR SQL WHERE clause; never build it from a stranger's text. Default none.</summary>
    public string? Where { get; init; }

    /// <summary>Leave out Z and M. Default true.</summary>
    public bool Flatten { get; init; } = true;

    /// <summary>
    /// Turn arcs into lines, with corners at most this many degrees apart, in (0, 90]; null hands out curves as they are. Default 4.
    /// </summary>
    public double? ArcStepDegrees { get; init; } = 4;

    /// <summary>Largest geometry to accept, in bytes of WKB; a larger one is an error. Default 256 MiB.</summary>
    public int MaxWkbBytes { get; init; } = 256 << 20;
}

/// <summary>A feature that owns its data.</summary>
/// <param name="Fid">Its number in the layer; −1 when it has none.</param>
/// <param name="Wkb">ISO WKB, little endian, x first; null when it has no geometry.</param>
/// <param name="Values">One for each field of the layer, as <see cref="FeatureReader.GetValue"/> gives them.</param>
public sealed record Feature(long Fid, byte[]? Wkb, IReadOnlyList<object?> Values);
