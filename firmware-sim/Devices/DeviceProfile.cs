namespace Monitoring.FirmwareSim.Devices;

/// <summary>One stream of a device, as the county registers it.</summary>
/// <param name="Name">The name in the payload.</param>
/// <param name="Property">Property code, such as <c>noise_laeq</c>.</param>
/// <param name="Unit">Unit symbol; null for categories.</param>
/// <param name="IntervalSeconds">Seconds between observations; null where they come with events.</param>
/// <param name="Aggregation">energy_mean, mean, max, sum or none.</param>
public sealed record DatastreamProfile(string Name, string Property, string? Unit, int? IntervalSeconds, string Aggregation)
{
    internal static DatastreamProfile Noise { get; } = new("noise_laeq", "noise_laeq", "dB(A)", 60, "energy_mean");

    internal static DatastreamProfile Pm10 { get; } = new("pm10", "pm10", "ug/m3", 60, "mean");

    internal static DatastreamProfile Pm25 { get; } = new("pm2_5", "pm2_5", "ug/m3", 60, "mean");

    internal static DatastreamProfile Vibration { get; } = new("vibration_velocity", "vibration_velocity", "mm/s", 60, "max");

    internal static DatastreamProfile Tilt { get; } = new("tilt", "tilt", "deg", 300, "mean");

    internal static DatastreamProfile Power { get; } = new("active_power", "active_power", "kW", 60, "mean");

    internal static DatastreamProfile Truck { get; } = new("truck_pass", "truck_pass", "1", null, "sum");

    internal static DatastreamProfile Camera { get; } = new("camera_event", "camera_event", null, null, "none");
}

/// <summary>What goes on around a device.</summary>
public enum DeviceScene
{
    /// <summary>A building site at work by day.</summary>
    SiteByDay,

    /// <summary>A building site at work by day and late at night.</summary>
    SiteByNight,

    /// <summary>A country road with farm traffic and, on some afternoons, harvest convoys.</summary>
    FarmRoad,

    /// <summary>An irrigation pump that runs at fixed hours.</summary>
    Pump,

    /// <summary>Background air or town noise, no site near.</summary>
    Background,

    /// <summary>A watched slope.</summary>
    Slope,
}

/// <summary>A simulated device: identity, place, streams and faults.</summary>
public sealed record DeviceProfile
{
    /// <summary>Device id, client id and MQTT user name.</summary>
    public required string Id { get; init; }

    public required string ThingId { get; init; }

    public required string ThingName { get; init; }

    public required string ThingNameEn { get; init; }

    /// <summary>Degrees east.</summary>
    public required double Longitude { get; init; }

    /// <summary>Degrees north.</summary>
    public required double Latitude { get; init; }

    /// <summary>Code of the township.</summary>
    public required string Region { get; init; }

    public required DeviceScene Scene { get; init; }

    /// <summary>The planted site whose activity the device sees; null for none.</summary>
    public string? SiteId { get; init; }

    public required IReadOnlyList<DatastreamProfile> Datastreams { get; init; }

    /// <summary>MQTT 5 when true, 3.1.1 when false.</summary>
    public bool Mqtt5 { get; init; } = true;

    public string Firmware { get; init; } = "fs-1.4.2";

    /// <summary>Seconds that the device's clock gains in a day; it is set right at local midnight. Range -55 to 55, default 0.</summary>
    public double ClockGainSecondsPerDay { get; init; }

    /// <summary>Share of half hours in which the sensors give nothing. Default 0.</summary>
    public double GapShare { get; init; }
}
