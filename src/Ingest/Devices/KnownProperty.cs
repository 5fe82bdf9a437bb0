using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Devices;

/// <summary>Unit and combination of the observed properties that detectors know; a limit in dB(A) would be silently wrong on another unit.</summary>
/// <param name="Unit">As the register keeps it.</param>
/// <param name="OtherSpellings">Spellings of the same unit that an import takes.</param>
internal sealed record KnownProperty(string Code, string Unit, Aggregation Aggregation, params string[] OtherSpellings)
{
    private static readonly Dictionary<string, KnownProperty> All = new KnownProperty[]
    {
        new(ObservedProperties.NoiseLaeq, "dB(A)", Aggregation.EnergyMean, "dBA", "dB[A]"),
        new(ObservedProperties.Pm10, "ug/m3", Aggregation.Mean, "µg/m3", "μg/m3", "µg/m³", "μg/m³", "ug/m³"),
        new(ObservedProperties.Pm25, "ug/m3", Aggregation.Mean, "µg/m3", "μg/m3", "µg/m³", "μg/m³", "ug/m³"),
        new(ObservedProperties.VibrationVelocity, "mm/s", Aggregation.Max),
        new(ObservedProperties.Tilt, "deg", Aggregation.Mean, "°"),
        new(ObservedProperties.ActivePower, "kW", Aggregation.Mean),
        new(ObservedProperties.TruckPass, "1", Aggregation.Sum),
        new(ObservedProperties.CameraEvent, "1", Aggregation.None),
    }.ToDictionary(p => p.Code, StringComparer.Ordinal);

    public string AggregationText => Aggregation switch
    {
        Aggregation.EnergyMean => "energy_mean",
        Aggregation.Mean => "mean",
        Aggregation.Max => "max",
        Aggregation.Sum => "sum",
        _ => "none",
    };

    public static KnownProperty? Find(string code) => All.GetValueOrDefault(code);

    /// <summary>A category has no unit, so that any text will do.</summary>
    public bool Takes(string unit) => unit == Unit || OtherSpellings.Contains(unit) || Aggregation == Aggregation.None;
}
