using System.Text.RegularExpressions;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Outline = Monitoring.Domain.Geometry.Outline;
using F = Monitoring.Ingest.Plans.FieldPresets;

namespace Monitoring.Ingest.Plans;

/// <summary>Makes features of the map out of attributes and outline (docs/formats/registers.md).</summary>
internal static partial class MapFeatures
{
    /// <summary>The code list of approvals.</summary>
    private const string PermitKinds = "permit-kinds";

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
        var kinds = fields.Codes[PermitKinds];
        var kind = kindText is null ? null : (kinds.Find(kindText) ?? kinds.FindByName(kindText))?.Code;
        if (kindText is not null && kind is null)
            fields.Fault($"has kind '{FeatureFields.Cut(kindText)}'; known are {string.Join(", ", kinds.Codes.Select(c => c.Code))}");
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
            Conditions = fields.Text(F.Conditions, 4000),
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

    [GeneratedRegex(@"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]
    private static partial Regex DivisionCode();
}
