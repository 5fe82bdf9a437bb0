using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IDeviceRegister"/>
public sealed class SqliteDeviceRegister(RegisterDatabase database, IEventBus bus, TimeProvider time) : IDeviceRegister
{
    /// <inheritdoc/>
    /// <remarks>What an import does not name stays as it is.</remarks>
    /// <exception cref="ArgumentException">A device or datastream names a thing or device that is neither in the import nor registered.</exception>
    public async Task ImportAsync(DeviceImport import, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        try
        {
            await database.WriteAsync((connection, transaction) => Import(connection, transaction, import), cancellationToken);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == SqliteFailure.Constraint)
        {
            throw new ArgumentException(
                $"{import.Source} names a device of an unknown thing, or a datastream of an unknown device or thing: import those too.", nameof(import), failure);
        }

        bus.Publish(new DevicesChanged());
    }

    public async Task<RegisteredDevice?> FindAsync(string deviceId, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => Read(connection, deviceId), cancellationToken)).FirstOrDefault();

    public async Task<IReadOnlyList<RegisteredDevice>> AllAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => Read(connection, null), cancellationToken);

    /// <summary>Ids that an audit entry names at most; a file may hold tens of thousands.</summary>
    private const int MaxNamed = 200;

    private bool Import(SqliteConnection connection, SqliteTransaction transaction, DeviceImport import)
    {
        var before = connection.Query<(string Id, string SecretHash, long Enabled)>("SELECT id, secret_hash, enabled FROM devices", transaction: transaction)
            .ToDictionary(d => d.Id, StringComparer.Ordinal);
        var knownFrom = Sql.Time(time.GetUtcNow());
        connection.Execute(
            """
            INSERT INTO things (id, name, name_en, longitude, latitude, region_code) VALUES (@Id, @Name, @NameEn, @Longitude, @Latitude, @RegionCode)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, longitude = excluded.longitude,
                latitude = excluded.latitude, region_code = excluded.region_code
            """,
            import.Things,
            transaction);
        connection.Execute(
            """
            INSERT INTO devices (id, thing_id, firmware, secret_hash, enabled, known_from) VALUES (@Id, @ThingId, @Firmware, @SecretHash, @Enabled, @knownFrom)
            ON CONFLICT (id) DO UPDATE SET thing_id = excluded.thing_id, firmware = excluded.firmware, secret_hash = excluded.secret_hash, enabled = excluded.enabled
            """,
            import.Devices.Select(d => new { d.Id, d.ThingId, d.Firmware, d.SecretHash, d.Enabled, knownFrom }),
            transaction);
        connection.Execute(
            """
            INSERT INTO datastreams (device_id, name, thing_id, property, unit, expected_interval_ticks, aggregation)
            VALUES (@DeviceId, @Name, @ThingId, @Property, @Unit, @Ticks, @Aggregation)
            ON CONFLICT (device_id, name) DO UPDATE SET thing_id = excluded.thing_id, property = excluded.property, unit = excluded.unit,
                expected_interval_ticks = excluded.expected_interval_ticks, aggregation = excluded.aggregation
            """,
            import.Datastreams.Select(d => new
            {
                d.DeviceId, d.Name, d.ThingId, d.Property, d.Unit, Ticks = d.ExpectedInterval?.Ticks, Aggregation = RegisterJson.Name(d.Aggregation),
            }),
            transaction);
        var version = Sql.Next(connection, transaction, "device_imports", "version");
        var at = time.GetUtcNow();
        connection.Execute(
            "INSERT INTO device_imports (version, at, actor, source) VALUES (@version, @at, @Actor, @Source)",
            new { version, at = Sql.Time(at), import.Actor, import.Source },
            transaction);
        Sql.Audit(connection, transaction, new AuditEntry(at, import.Actor, "devices.import", import.Source, AuditDetails.Of(
            ("things", import.Things.Count), ("devices", import.Devices.Count), ("datastreams", import.Datastreams.Count), ("version", version),
            ("added", Named(import.Devices.Where(d => !before.ContainsKey(d.Id)))),
            ("disabled", Named(import.Devices.Where(d => !d.Enabled && (!before.TryGetValue(d.Id, out var was) || was.Enabled != 0)))),
            ("enabled", Named(import.Devices.Where(d => d.Enabled && before.TryGetValue(d.Id, out var was) && was.Enabled == 0))),
            ("secretsChanged", Named(import.Devices.Where(d => before.TryGetValue(d.Id, out var was) && was.SecretHash != d.SecretHash))))));
        return true;
    }

    /// <summary>Ids with commas, null for none.</summary>
    private static string? Named(IEnumerable<Device> devices)
    {
        var ids = devices.Select(d => d.Id).Order(StringComparer.Ordinal).ToList();
        return ids.Count == 0 ? null
            : ids.Count <= MaxNamed ? string.Join(',', ids)
            : $"{string.Join(',', ids.Take(MaxNamed))},… ({ids.Count})";
    }

    /// <summary>The condition stands there only when it is wanted: "@deviceId IS NULL OR …" would walk both tables at each connection of a device.</summary>
    internal static string DatastreamsSql(bool ofOne) =>
        $"""
        SELECT device_id AS DeviceId, thing_id AS ThingId, name AS Name, property AS Property, unit AS Unit,
               expected_interval_ticks AS Ticks, aggregation AS Aggregation
        FROM datastreams {(ofOne ? "WHERE device_id = @deviceId" : "")} ORDER BY device_id, name
        """;

    /// <inheritdoc cref="DatastreamsSql"/>
    internal static string DevicesSql(bool ofOne) =>
        $"""
        SELECT d.id AS Id, d.thing_id AS ThingId, d.firmware AS Firmware, d.secret_hash AS SecretHash, d.enabled AS Enabled,
               t.name AS Name, t.name_en AS NameEn, t.longitude AS Longitude, t.latitude AS Latitude, t.region_code AS RegionCode
        FROM devices d JOIN things t ON t.id = d.thing_id
        {(ofOne ? "WHERE d.id = @deviceId" : "")} ORDER BY d.id
        """;

    private static List<RegisteredDevice> Read(SqliteConnection connection, string? deviceId)
    {
        var isOne = deviceId is not null;
        var datastreams = connection.Query<DatastreamRow>(DatastreamsSql(isOne), new { deviceId })
            .ToLookup(row => row.DeviceId, row => row.ToDatastream(), StringComparer.Ordinal);
        return connection.Query<DeviceRow>(DevicesSql(isOne), new { deviceId }).Select(row => new RegisteredDevice(
            new Device(row.Id, row.ThingId, row.Firmware, row.SecretHash, row.Enabled != 0),
            new Thing(row.ThingId, row.Name, row.NameEn, row.Longitude, row.Latitude, row.RegionCode),
            [.. datastreams[row.Id]])).ToList();
    }

    private sealed record DatastreamRow(string DeviceId, string ThingId, string Name, string Property, string Unit, long? Ticks, string Aggregation)
    {
        public Datastream ToDatastream() => new(
            DeviceId, ThingId, Name, Property, Unit, Ticks is { } ticks ? TimeSpan.FromTicks(ticks) : null, RegisterJson.Value<Aggregation>(Aggregation));
    }

    private sealed record DeviceRow(
        string Id, string ThingId, string? Firmware, string SecretHash, long Enabled, string Name, string? NameEn, double Longitude, double Latitude, string RegionCode);
}
