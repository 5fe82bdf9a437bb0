using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Storage.Sqlite;

/// <summary>The fields of a feature that have no column of their own, as the <c>fields</c> JSON of <c>map_contents</c>.</summary>
internal sealed record MapFields
{
    public string? Revision { get; init; }

    public string? Name { get; init; }

    public string? NameEn { get; init; }

    public string? TimeZone { get; init; }

    public string? Kind { get; init; }

    public string? Status { get; init; }

    public string? Project { get; init; }

    public string? UseCode { get; init; }

    public string? PlannedUseCode { get; init; }

    public double? MaxHeightMeters { get; init; }

    public double? FloorAreaSquareMeters { get; init; }

    public double? LegalAreaSquareMeters { get; init; }

    public DateOnly? GrantedOn { get; init; }

    public string? Conditions { get; init; }

    public string? Code { get; init; }

    public string? CodeList { get; init; }

    /// <summary>Fields of a plan feature, ordered by key; null for the other layers, whose text and hash must stay what they were.</summary>
    public SortedDictionary<string, string>? Values { get; init; }

    /// <summary>Ordered by key, so that equal features give equal text.</summary>
    public SortedDictionary<string, string> SourceFields { get; init; } = new(StringComparer.Ordinal);

    public static MapFields Of(MapFeature feature)
    {
        var source = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in feature.SourceFields)
        {
            source[name] = value;
        }

        return feature switch
        {
            Region r => new MapFields { Revision = r.Revision, Name = r.Name, NameEn = r.NameEn, TimeZone = r.TimeZone, SourceFields = source },
            ControlLine c => new MapFields { Kind = RegisterJson.Name(c.Kind), Name = c.Name, SourceFields = source },
            Permit p => new MapFields
            {
                Kind = p.Kind, Status = RegisterJson.Name(p.Status), Project = p.Project, UseCode = p.UseCode, MaxHeightMeters = p.MaxHeightMeters,
                FloorAreaSquareMeters = p.FloorAreaSquareMeters, GrantedOn = p.GrantedOn, Conditions = p.Conditions,
                SourceFields = source,
            },
            Parcel p => new MapFields
            {
                UseCode = p.UseCode, PlannedUseCode = p.PlannedUseCode, LegalAreaSquareMeters = p.LegalAreaSquareMeters, SourceFields = source,
            },
            PlanFeature p => new MapFields
            {
                Name = p.Name, Code = p.Code, CodeList = p.CodeList, Values = new SortedDictionary<string, string>(p.Values.ToDictionary(), StringComparer.Ordinal),
                SourceFields = source,
            },
            _ => throw new ArgumentException($"The register holds no features of type {feature.GetType().Name}.", nameof(feature)),
        };
    }

    /// <summary>The feature as it stands in one period.</summary>
    /// <param name="planKind">Kind of a plan feature, which the layer's column holds.</param>
    public MapFeature ToFeature(MapLayer layer, string? planKind, string id, Outline outline, DateOnly? from, DateOnly? to, string? document) => layer switch
    {
        MapLayer.Region => new Region
        {
            Id = id, Outline = outline, EffectiveFrom = from, EffectiveTo = to, Document = document, SourceFields = SourceFields,
            Revision = Revision ?? "", Name = Name ?? "", NameEn = NameEn, TimeZone = TimeZone ?? "Asia/Shanghai",
        },
        MapLayer.ControlLine => new ControlLine
        {
            Id = id, Outline = outline, EffectiveFrom = from, EffectiveTo = to, Document = document, SourceFields = SourceFields,
            Kind = RegisterJson.Value<ControlLineKind>(Kind ?? ""), Name = Name,
        },
        MapLayer.Permit => new Permit
        {
            Id = id, Outline = outline, EffectiveFrom = from, EffectiveTo = to, Document = document, SourceFields = SourceFields,
            Kind = Kind ?? "", Status = RegisterJson.Value<PermitStatus>(Status ?? ""), Project = Project, UseCode = UseCode,
            MaxHeightMeters = MaxHeightMeters, FloorAreaSquareMeters = FloorAreaSquareMeters, GrantedOn = GrantedOn,
            Conditions = Conditions,
        },
        MapLayer.Parcel => new Parcel
        {
            Id = id, Outline = outline, EffectiveFrom = from, EffectiveTo = to, Document = document, SourceFields = SourceFields,
            UseCode = UseCode, PlannedUseCode = PlannedUseCode, LegalAreaSquareMeters = LegalAreaSquareMeters,
        },
        MapLayer.Plan => new PlanFeature
        {
            Id = id, Outline = outline, EffectiveFrom = from, EffectiveTo = to, Document = document, SourceFields = SourceFields,
            Kind = planKind ?? "", Name = Name, Code = Code, CodeList = CodeList, Values = (IReadOnlyDictionary<string, string>?)Values ?? new Dictionary<string, string>(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
    };

    /// <summary>Identity of what a feature states, its days aside: SHA-256 of shape, source CRS, document and fields.</summary>
    public static string HashOf(MapFeature feature, byte[] shape, string fields)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, shape);
        Append(hash, Encoding.UTF8.GetBytes(feature.Outline.SourceCrs));
        Append(hash, feature.Document is null ? null : Encoding.UTF8.GetBytes(feature.Document));
        Append(hash, Encoding.UTF8.GetBytes(fields));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, byte[]? part)
    {
        hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
        hash.AppendData(part ?? []);
    }
}
