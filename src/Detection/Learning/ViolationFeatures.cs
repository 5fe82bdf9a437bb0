namespace Monitoring.Detection.Learning;

/// <summary>What was known of a candidate at an instant, as numbers.</summary>
/// <param name="CandidateId">Site id.</param>
/// <param name="AsOf">Nothing that became known later is in it.</param>
/// <param name="Values"><see cref="Schema"/>.Count numbers; <see cref="FeatureSchema.Missing"/> where nothing was known.</param>
public sealed record ViolationFeatures(string CandidateId, DateTimeOffset AsOf, float[] Values)
{
    /// <summary>The columns. None says anything of a person; a test holds the names against a list of refused ones.</summary>
    public static FeatureSchema Schema { get; } = new("violation", 1,
    [
        new("image_score", "影像变化置信度", "confidence of the image detector", Expectation.Raises),
        new("kind_building", "影像判为建筑的把握", "certainty that it is a building"),
        new("kind_earthworks", "影像判为土方的把握", "certainty that it is earthworks"),
        new("kind_greenhouse", "影像判为大棚的把握", "certainty that it is a greenhouse"),
        new("kind_other", "影像判为其他的把握", "certainty that it is something else"),
        new("kind_untold", "影像未能分类", "the image does not tell what it is"),
        new("area_log_m2", "图斑面积（对数）", "area (logarithm)"),
        new("growth_log_per_30d", "面积增长速度", "growth of the area"),
        new("passes", "影像观测次数", "passes that saw it"),
        new("days_since_first", "首次发现距今天数", "days since it was first seen"),
        new("device_m", "最近监测设备距离", "distance to the nearest device"),
        new("night_episodes", "夜间噪声振动次数", "noise or vibration at night", Expectation.Raises),
        new("night_excess_db", "夜间超标强度", "excess at night"),
        new("dust_episodes", "扬尘次数", "dust episodes"),
        new("truck_episodes", "货车进出次数", "truck episodes"),
        new("power_episodes", "施工用电次数", "power drawn as works do"),
        new("signal_kinds", "地面信号种类数", "kinds of ground signals together"),
        new("urban_share", "位于城镇开发边界内比例", "share inside the urban development boundary"),
        new("farmland_share", "占永久基本农田比例", "share on permanent basic farmland"),
        new("red_line_share", "占生态保护红线比例", "share inside the ecological red line"),
        new("use_fits", "规划用途相符", "the planned use allows it", Expectation.Lowers),
        new("permit_share", "有效许可覆盖比例", "share under a permit in force", Expectation.Lowers),
        new("uncovered_log_m2", "许可范围外面积（对数）", "area outside the permit (logarithm)"),
        new("permit_m", "最近许可范围距离", "distance to the nearest permit"),
        new("permits_near", "周边许可数量", "permits near it"),
        new("expired_permit", "有过期许可", "an expired permit covers it", Expectation.Raises),
        new("applied_permit", "已申请未批准", "applied for, not granted"),
        new("temporary_permit", "有临时用地批准", "a temporary permit covers it", Expectation.Lowers),
        new("facility_record", "有设施农用地备案", "registered as facility agriculture"),
        new("permit_days", "最近许可登记距今天数", "days since the newest permit entry"),
        new("confirmed_1km", "1公里内已查实", "confirmed cases within 1 km", Expectation.Raises),
        new("confirmed_3km", "3公里内已查实", "confirmed cases within 3 km", Expectation.Raises),
        new("dismissed_1km", "1公里内已排除", "dismissed cases within 1 km"),
        new("dismissed_3km", "3公里内已排除", "dismissed cases within 3 km"),
        new("month", "月份", "month of the year"),
        new("days_to_month_end", "距月末天数", "days to the end of the month"),
        new("verdict", "规则判定", "verdict of the rules", Expectation.Raises),
    ]);

    /// <summary>The value of a column, null when nothing was known.</summary>
    public float? this[string name] => Values[Schema.PlaceOf(name)] is var v && v == FeatureSchema.Missing ? null : v;
}
