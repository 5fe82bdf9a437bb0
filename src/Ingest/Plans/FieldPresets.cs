using Monitoring.Domain.Intake;

namespace Monitoring.Ingest.Plans;

/// <summary>Our fields of each kind of import, and the column names by which they are found without <c>--map</c>; the first that exists wins.</summary>
internal static class FieldPresets
{
    public const string Code = "code", Revision = "revision", Name = "name", NameEn = "name_en", TimeZone = "time_zone";
    public const string Id = "id", Kind = "kind", Document = "document", EffectiveFrom = "effective_from", EffectiveTo = "effective_to";
    public const string PermitNo = "permit_no", Project = "project", UseCode = "use_code", MaxHeight = "max_height_m", FloorArea = "floor_area_m2",
        Status = "status", GrantedOn = "granted_on", Conditions = "conditions", ValidFrom = "valid_from", ValidTo = "valid_to";
    public const string ParcelId = "parcel_id", PlannedUseCode = "planned_use_code", LegalArea = "legal_area_m2";

    private static readonly string[] Dates = ["生效日期", "生效时间", "SXRQ", "批准日期", "PZRQ"];
    private static readonly string[] EndDates = ["失效日期", "失效时间", "废止日期", "FZRQ"];
    private static readonly string[] Documents = ["批准文号", "批文号", "文号", "PZWH", "PWH"];

    /// <summary>Field → other names of its column. Fields marked required in <see cref="Required"/> must be found.</summary>
    public static IReadOnlyDictionary<string, string[]> Of(ImportKind kind) => kind switch
    {
        ImportKind.Regions => Regions,
        ImportKind.ControlLines => ControlLines,
        ImportKind.Permits => Permits,
        ImportKind.Parcels => Parcels,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a layer of the map."),
    };

    public static IReadOnlyList<string> Required(ImportKind kind) => kind switch
    {
        ImportKind.Regions => [Code, Revision, Name],
        ImportKind.ControlLines => [Id, Kind],
        ImportKind.Permits => [PermitNo, Kind, Status],
        _ => [ParcelId],
    };

    private static readonly Dictionary<string, string[]> Regions = new()
    {
        [Code] = ["XZQDM", "行政区代码", "行政区划代码", "区划代码", "adcode"],
        [Revision] = ["区划版本", "版本", "XZQBB"],
        [Name] = ["XZQMC", "行政区名称", "行政区划名称", "名称"],
        [NameEn] = ["英文名称", "YWMC"],
        [TimeZone] = ["时区"],
        [Document] = Documents,
        [EffectiveFrom] = Dates,
        [EffectiveTo] = EndDates,
    };

    private static readonly Dictionary<string, string[]> ControlLines = new()
    {
        [Id] = ["BSM", "标识码", "编号", "HXBH", "HXDM", "红线编码"],
        [Kind] = ["控制线类型", "管控线类型", "HXLX", "类型", "LX"],
        [Name] = ["名称", "HXMC", "MC"],
        [Document] = Documents,
        [EffectiveFrom] = Dates,
        [EffectiveTo] = EndDates,
    };

    private static readonly Dictionary<string, string[]> Permits = new()
    {
        [PermitNo] = ["许可证号", "证书编号", "许可证编号", "证号", "XKZH", "ZSBH", "批准书编号"],
        [Kind] = ["许可类型", "许可证类型", "证书类型", "XKLX", "类型"],
        [Project] = ["项目名称", "建设项目名称", "XMMC"],
        [UseCode] = ["用途", "用途代码", "土地用途", "用地性质", "用地用海代码", "YDYHFLDM", "YTDM"],
        [MaxHeight] = ["建筑高度", "限高", "最大高度", "JZGD"],
        [FloorArea] = ["建筑面积", "总建筑面积", "建设规模", "JZMJ"],
        [Status] = ["状态", "许可状态", "证书状态", "ZT"],
        [GrantedOn] = ["发证日期", "批准日期", "核发日期", "FZRQ", "PZRQ"],
        [Conditions] = ["附带条件", "许可条件", "规划条件", "备注条件", "XKTJ"],
        [ValidFrom] = ["有效期起", "有效期开始", "生效日期", "YXQQ"],
        [ValidTo] = ["有效期止", "有效期至", "有效期截止", "失效日期", "YXQZ"],
        [Document] = Documents,
    };

    private static readonly Dictionary<string, string[]> Parcels = new()
    {
        [ParcelId] = ["宗地代码", "宗地编码", "ZDDM", "不动产单元号", "BDCDYH", "地块编号", "DKBH"],
        [UseCode] = ["现状用途", "现状地类", "地类编码", "DLBM"],
        [PlannedUseCode] = ["规划用途", "规划地类", "规划用地性质", "GHDLBM", "GHYT"],
        [LegalArea] = ["宗地面积", "发证面积", "登记面积", "ZDMJ"],
        [Document] = Documents,
        [EffectiveFrom] = Dates,
        [EffectiveTo] = EndDates,
    };
}
