using System.Text.RegularExpressions;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Outline = Monitoring.Domain.Geometry.Outline;
using F = Monitoring.Ingest.Plans.FieldPresets;

namespace Monitoring.Ingest.Plans;

/// <summary>Makes features of the map out of attributes and outline (docs/formats/registers.md).</summary>
internal static partial class MapFeatures
{
    private static readonly Dictionary<string, ControlLineKind> ControlLineKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ecological_red_line"] = ControlLineKind.EcologicalProtectionRedLine,
        ["生态保护红线"] = ControlLineKind.EcologicalProtectionRedLine,
        ["permanent_basic_farmland"] = ControlLineKind.PermanentBasicFarmland,
        ["永久基本农田"] = ControlLineKind.PermanentBasicFarmland,
        ["永久基本农田保护红线"] = ControlLineKind.PermanentBasicFarmland,
        ["urban_development_boundary"] = ControlLineKind.UrbanDevelopmentBoundary,
        ["城镇开发边界"] = ControlLineKind.UrbanDevelopmentBoundary,
    };

    /// <summary>Kinds of permits are data; these are the known codes with the words for them.</summary>
    private static readonly Dictionary<string, string> PermitKinds = Words(
        ("farmland_conversion", ["农用地转用", "农转用", "农用地转用审批"]),
        ("land_supply", ["土地供应", "供地", "划拨决定书", "出让合同"]),
        ("land_use", ["建设用地规划许可", "建设用地规划许可证"]),
        ("construction_works", ["建设工程规划许可", "建设工程规划许可证"]),
        ("rural_planning", ["乡村建设规划许可", "乡村建设规划许可证"]),
        ("construction_start", ["施工许可", "施工许可证", "建筑工程施工许可证"]),
        ("temporary_land", ["临时用地", "临时用地批准"]),
        ("facility_agriculture", ["设施农用地", "设施农业用地", "设施农用地备案"]),
        ("homestead", ["宅基地", "宅基地批准", "农村宅基地批准书"]),
        ("verification", ["规划核实", "竣工规划核实", "竣工验收"]));

    private static readonly Dictionary<string, PermitStatus> Statuses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["applied"] = PermitStatus.Applied,
        ["申请"] = PermitStatus.Applied,
        ["申请中"] = PermitStatus.Applied,
        ["受理"] = PermitStatus.Applied,
        ["审批中"] = PermitStatus.Applied,
        ["granted"] = PermitStatus.Granted,
        ["有效"] = PermitStatus.Granted,
        ["已批准"] = PermitStatus.Granted,
        ["已发证"] = PermitStatus.Granted,
        ["suspended"] = PermitStatus.Suspended,
        ["暂停"] = PermitStatus.Suspended,
        ["中止"] = PermitStatus.Suspended,
        ["expired"] = PermitStatus.Expired,
        ["过期"] = PermitStatus.Expired,
        ["已过期"] = PermitStatus.Expired,
        ["失效"] = PermitStatus.Expired,
        ["revoked"] = PermitStatus.Revoked,
        ["撤销"] = PermitStatus.Revoked,
        ["吊销"] = PermitStatus.Revoked,
        ["注销"] = PermitStatus.Revoked,
    };

    /// <summary>The field that identifies a feature in sentences.</summary>
    public static string IdField(ImportKind kind) => kind switch
    {
        ImportKind.Regions => F.Code,
        ImportKind.ControlLines => F.Id,
        ImportKind.Permits => F.PermitNo,
        _ => F.ParcelId,
    };

    public static MapLayer LayerOf(ImportKind kind) => kind switch
    {
        ImportKind.Regions => MapLayer.Region,
        ImportKind.ControlLines => MapLayer.ControlLine,
        ImportKind.Permits => MapLayer.Permit,
        _ => MapLayer.Parcel,
    };

    /// <returns>The feature, or null when something is wrong; the fields have told what.</returns>
    public static MapFeature? Make(ImportKind kind, FeatureFields fields, Outline outline, DateOnly? effective) => kind switch
    {
        ImportKind.Regions => Region(fields, outline, effective),
        ImportKind.ControlLines => Line(fields, outline, effective),
        ImportKind.Permits => Permit(fields, outline, effective),
        _ => Parcel(fields, outline, effective),
    };

    private static Region? Region(FeatureFields fields, Outline outline, DateOnly? effective)
    {
        var code = fields.RequiredText(F.Code);
        if (code is not null && !DivisionCode().IsMatch(code))
        {
            fields.Fault("has a division code that is not 2, 4, 6, 9 or 12 digits long");
            code = null;
        }

        var revision = fields.RequiredText(F.Revision, 32);
        var name = fields.RequiredText(F.Name);
        var zone = fields.Text(F.TimeZone) ?? "Asia/Shanghai";
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            fields.Fault($"has time_zone '{zone}', which is no IANA time zone; write for example Asia/Shanghai");
        var (from, to) = Period(fields, F.EffectiveFrom, F.EffectiveTo, effective);
        return code is null || revision is null || name is null ? null : new Region
        {
            Id = code,
            Outline = outline,
            Revision = revision,
            Name = name,
            NameEn = fields.Text(F.NameEn),
            TimeZone = zone,
            EffectiveFrom = from,
            EffectiveTo = to,
            Document = fields.Text(F.Document),
            SourceFields = fields.Rest(),
        };
    }

    private static ControlLine? Line(FeatureFields fields, Outline outline, DateOnly? effective)
    {
        var id = fields.RequiredText(F.Id, 128);
        var kind = fields.Code(F.Kind, ControlLineKinds, "ecological_red_line (生态保护红线), permanent_basic_farmland (永久基本农田), urban_development_boundary (城镇开发边界)");
        var (from, to) = Period(fields, F.EffectiveFrom, F.EffectiveTo, effective);
        return id is null || kind is not { } known ? null : new ControlLine
        {
            Id = id,
            Outline = outline,
            Kind = known,
            Name = fields.Text(F.Name),
            EffectiveFrom = from,
            EffectiveTo = to,
            Document = fields.Text(F.Document),
            SourceFields = fields.Rest(),
        };
    }

    private static Permit? Permit(FeatureFields fields, Outline outline, DateOnly? effective)
    {
        var number = fields.RequiredText(F.PermitNo, 128);
        var kindText = fields.RequiredText(F.Kind);
        string? kind = null;
        if (kindText is not null && !PermitKinds.TryGetValue(kindText, out kind))
            fields.Fault($"has kind '{kindText}'; known are {string.Join(", ", PermitKinds.Values.Distinct())}");
        var status = fields.Code(F.Status, Statuses, "applied, granted, suspended, expired, revoked");
        var granted = fields.Date(F.GrantedOn);

        // A permit was not in force before it was granted, whatever the import says for all.
        var (from, to) = Period(fields, F.ValidFrom, F.ValidTo, granted ?? effective);
        return number is null || kind is null || status is not { } known ? null : new Permit
        {
            Id = number,
            Outline = outline,
            Kind = kind,
            Status = known,
            Project = fields.Text(F.Project),
            UseCode = fields.UseCode(F.UseCode),
            MaxHeightMeters = fields.Amount(F.MaxHeight),
            FloorAreaSquareMeters = fields.Amount(F.FloorArea),
            GrantedOn = granted,
            EffectiveFrom = from,
            EffectiveTo = to,
            Document = fields.Text(F.Document),
            SourceFields = fields.Rest(),
        };
    }

    private static Parcel? Parcel(FeatureFields fields, Outline outline, DateOnly? effective)
    {
        var id = fields.RequiredText(F.ParcelId, 128);
        var (from, to) = Period(fields, F.EffectiveFrom, F.EffectiveTo, effective);
        return id is null ? null : new Parcel
        {
            Id = id,
            Outline = outline,
            UseCode = fields.UseCode(F.UseCode),
            PlannedUseCode = fields.UseCode(F.PlannedUseCode),
            LegalAreaSquareMeters = fields.Amount(F.LegalArea),
            EffectiveFrom = from,
            EffectiveTo = to,
            Document = fields.Text(F.Document),
            SourceFields = fields.Rest(),
        };
    }

    private static (DateOnly? From, DateOnly? To) Period(FeatureFields fields, string fromField, string toField, DateOnly? otherwise)
    {
        var from = fields.Date(fromField) ?? otherwise;
        var to = fields.Date(toField);
        fields.MustBeInOrder(fromField, from, toField, to);
        return (from, to);
    }

    private static Dictionary<string, string> Words(params (string Code, string[] Words)[] kinds)
    {
        var words = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (code, others) in kinds)
        {
            words[code] = code;
            foreach (var word in others)
                words[word] = code;
        }

        return words;
    }

    [GeneratedRegex(@"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]
    private static partial Regex DivisionCode();
}
