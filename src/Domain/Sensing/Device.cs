namespace Monitoring.Domain.Sensing;

/// <summary>The monitored installation or station that carries sensors (SensorThings Thing).</summary>
/// <param name="Id">Stable id, <c>[A-Za-z0-9_-]{1,64}</c>.</param>
/// <param name="Name">Name for people, Chinese first.</param>
/// <param name="NameEn">English name, or null.</param>
/// <param name="Longitude">Degrees on CGCS2000, [-180, 180].</param>
/// <param name="Latitude">Degrees on CGCS2000, [-90, 90].</param>
/// <param name="RegionCode">Division code of the region it stands in.</param>
public sealed record Thing(string Id, string Name, string? NameEn, double Longitude, double Latitude, string RegionCode);

/// <summary>One communicating node that belongs to a <see cref="Thing"/>.</summary>
/// <param name="Id"><c>[A-Za-z0-9_-]{1,64}</c>; also its MQTT client id and user name.</param>
/// <param name="ThingId">The thing it serves.</param>
/// <param name="Firmware">Version it reports, or null.</param>
/// <param name="SecretHash">Salted hash of its secret in the form <see cref="IDeviceRegister"/>'s writer gave it; never the secret.</param>
/// <param name="Enabled">A disabled device is refused at the door.</param>
public sealed record Device(string Id, string ThingId, string? Firmware, string SecretHash, bool Enabled = true);

/// <summary>Observations of one property by one device, in one unit.</summary>
/// <param name="DeviceId">The device that sends it.</param>
/// <param name="ThingId">The thing it is about.</param>
/// <param name="Name">Name within the device, <c>[A-Za-z0-9_-]{1,64}</c>, as the payload's "datastream".</param>
/// <param name="Property">Code of the observed property, for example <c>noise_laeq</c>; see docs/formats/devices.md.</param>
/// <param name="Unit">UCUM symbol or the customary symbol, for example <c>dB(A)</c>.</param>
/// <param name="ExpectedInterval">Time between results, or null when irregular; then completeness is unknown, not 100 %.</param>
/// <param name="Aggregation">How results are combined over a window.</param>
public sealed record Datastream(
    string DeviceId, string ThingId, string Name, string Property, string Unit, TimeSpan? ExpectedInterval, Aggregation Aggregation)
{
    /// <summary>Identity: <c>{deviceId}/{name}</c>.</summary>
    public string Id => IdOf(DeviceId, Name);

    public static string IdOf(string deviceId, string name) => $"{deviceId}/{name}";
}

/// <summary>How the results of a window become one value.</summary>
public enum Aggregation
{
    /// <summary>Arithmetic mean.</summary>
    Mean,

    /// <summary>Sound levels in dB: 10·log10(mean(10^(L/10))).</summary>
    EnergyMean,

    Max,
    Sum,

    /// <summary>Categories: only counted.</summary>
    None,
}

/// <summary>Codes of observed properties that detectors know. A datastream may carry any other code.</summary>
public static class ObservedProperties
{
    public const string NoiseLaeq = "noise_laeq";
    public const string Pm10 = "pm10";
    public const string Pm25 = "pm2_5";
    public const string VibrationVelocity = "vibration_velocity";
    public const string Tilt = "tilt";
    public const string ActivePower = "active_power";
    public const string TruckPass = "truck_pass";
    public const string CameraEvent = "camera_event";
}
