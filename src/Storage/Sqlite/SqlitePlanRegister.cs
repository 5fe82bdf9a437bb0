using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IPlanRegister"/>
/// <remarks>
/// What is known now of one feature is a row of disjoint periods. A new statement with first day F removes what was known from F on and
/// cuts the period that F falls into; the removed and cut rows stay, closed on the known axis. <see cref="MapVersion.FeatureCount"/>
/// counts the features that changed, not those that the import repeated.
/// </remarks>
public sealed class SqlitePlanRegister(RegisterDatabase database, IEventBus bus, TimeProvider time) : IPlanRegister
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A feature is of another layer, empty, named twice, or ends before it begins.</exception>
    public async Task<MapVersion?> AppendAsync(MapImport import, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        Check(import);
        var version = await database.WriteAsync((connection, transaction) => Append(connection, transaction, import), cancellationToken);
        if (version is not null)
        {
            bus.Publish(new PlanChanged(version.Version));
        }

        return version;
    }

    public async Task<IReadOnlyList<MapVersion>> VersionsAfterAsync(long afterVersion, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await database.ReadAsync(
            connection => connection.Query<VersionRow>(
                """
                SELECT version AS Version, layer AS Layer, known_from AS KnownFrom, source AS Source, source_hash AS SourceHash,
                       feature_count AS FeatureCount, actor AS Actor, min_x AS MinX, max_x AS MaxX, min_y AS MinY, max_y AS MaxY
                FROM map_versions WHERE version > @afterVersion ORDER BY version LIMIT @limit
                """,
                new { afterVersion, limit }).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => new MapVersion(
            row.Version, LayerColumn.Read(row.Layer).Layer, Sql.Time(row.KnownFrom), row.Source, row.SourceHash, (int)row.FeatureCount, row.Actor,
            new Envelope(row.MinX, row.MaxX, row.MinY, row.MaxY))
        {
            PlanKind = LayerColumn.Read(row.Layer).PlanKind,
        });
    }

    public Task<long> CurrentVersionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT coalesce(max(version), 0) FROM map_versions"), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Ordered by id, then by first day. <see cref="MapFeature"/> itself as the type asks for all layers.</remarks>
    public async Task<IReadOnlyList<TFeature>> QueryAsync<TFeature>(MapQuestion question, CancellationToken cancellationToken)
        where TFeature : MapFeature
    {
        ArgumentNullException.ThrowIfNull(question);
        var (layerFrom, layerTo) = LayerColumn.Range(typeof(TFeature), question.PlanKind);
        var asOf = question.AsOfVersion;
        if (question.KnownAt is { } at)
        {
            var known = await database.ReadAsync(
                connection => connection.ExecuteScalar<long>("SELECT coalesce(max(version), 0) FROM map_versions WHERE known_from <= @at", new { at = Sql.Time(at) }), cancellationToken);
            asOf = asOf is { } named ? Math.Min(named, known) : known;
        }

        var parameters = new DynamicParameters(new
        {
            layerFrom, layerTo, day = Sql.Day(question.InForceOn), AsOfVersion = asOf, question.Id,
        });
        var place = Sql.IndexedBoxFilter("c", "content", "map_boxes", question.Box, parameters);
        var rows = await database.ReadAsync(
            connection => connection.Query<FeatureRow>(
                $"""
                SELECT p.layer AS Layer, p.id AS Id, p.effective_from AS EffectiveFrom, p.effective_to AS EffectiveTo, c.document AS Document,
                       c.fields AS Fields, c.shape AS Shape, c.area_m2 AS Area, c.source_crs AS SourceCrs
                FROM map_periods p JOIN map_contents c ON c.content = p.content
                WHERE (@layerFrom IS NULL OR (p.layer >= @layerFrom AND p.layer <= @layerTo)) AND (@Id IS NULL OR p.id = @Id)
                  AND CASE WHEN @AsOfVersion IS NULL THEN p.known_to IS NULL
                           ELSE p.known_from <= @AsOfVersion AND (p.known_to IS NULL OR p.known_to > @AsOfVersion) END
                  AND (@day IS NULL OR ((p.effective_from IS NULL OR p.effective_from <= @day) AND (p.effective_to IS NULL OR p.effective_to > @day)))
                  AND {place}
                ORDER BY p.layer, p.id, p.effective_from
                """,
                parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => (TFeature)row.ToFeature());
    }

    private static void Check(MapImport import)
    {
        if ((import.Layer is MapLayer.Plan) != (import.PlanKind is not null))
        {
            throw new ArgumentException("An import of plan features names their kind, any other does not.", nameof(import));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var feature in import.Features)
        {
            if (feature is PlanFeature plan && plan.Kind != import.PlanKind)
            {
                throw new ArgumentException($"Feature {feature.Id} is of kind {plan.Kind}, but the import is for {import.PlanKind}.", nameof(import));
            }

            if (feature.Layer != import.Layer)
            {
                throw new ArgumentException($"Feature {feature.Id} belongs to layer {feature.Layer}, but the import is for {import.Layer}.", nameof(import));
            }

            if (feature.Id is not { Length: > 0 and <= 128 } || !seen.Add(feature.Id))
            {
                throw new ArgumentException($"Feature id '{feature.Id}' is not 1 to 128 characters, or stands twice in {import.Source}.", nameof(import));
            }

            if (feature.Outline.Shape.IsEmpty)
            {
                throw new ArgumentException($"Feature {feature.Id} has no geometry.", nameof(import));
            }

            if (feature.EffectiveFrom is { } from && feature.EffectiveTo is { } to && to <= from)
            {
                throw new ArgumentException($"Feature {feature.Id} is in force from {from:yyyy-MM-dd} to {to:yyyy-MM-dd}, which is no day at all.", nameof(import));
            }
        }
    }

    private MapVersion? Append(SqliteConnection connection, SqliteTransaction transaction, MapImport import)
    {
        var version = Sql.Next(connection, transaction, "map_versions", "version");
        var at = time.GetUtcNow();
        var touched = new Envelope();
        var changed = 0;

        // The row of the version must be there before rows that refer to it; its count and box are known at the end.
        connection.Execute(
            """
            INSERT INTO map_versions (version, layer, known_from, source, source_hash, feature_count, actor, min_x, max_x, min_y, max_y)
            VALUES (@version, @layer, @at, @Source, @SourceHash, 0, @Actor, 0, 0, 0, 0)
            """,
            new { version, layer = LayerColumn.Of(import), at = Sql.Time(at), import.Source, import.SourceHash, import.Actor },
            transaction);
        foreach (var feature in import.Features)
        {
            if (Supersede(connection, transaction, feature, version, touched))
            {
                changed++;
            }
        }

        if (changed == 0)
        {
            connection.Execute("DELETE FROM map_versions WHERE version = @version", new { version }, transaction);
            return null;
        }

        connection.Execute(
            "UPDATE map_versions SET feature_count = @changed, min_x = @MinX, max_x = @MaxX, min_y = @MinY, max_y = @MaxY WHERE version = @version",
            new { version, changed, touched.MinX, touched.MaxX, touched.MinY, touched.MaxY },
            transaction);
        Sql.Audit(connection, transaction, new AuditEntry(at, import.Actor, "map.import", LayerColumn.Of(import), AuditDetails.Of(
            ("version", version), ("source", import.Source), ("sourceHash", import.SourceHash), ("features", import.Features.Count), ("changed", changed))));
        return new MapVersion(version, import.Layer, at, import.Source, import.SourceHash, changed, import.Actor, touched) { PlanKind = import.PlanKind };
    }

    /// <summary>False when the feature says nothing new.</summary>
    private static bool Supersede(SqliteConnection connection, SqliteTransaction transaction, MapFeature feature, long version, Envelope touched)
    {
        var layer = LayerColumn.Of(feature);
        var shape = ShapeBytes.Write(feature.Outline.Shape);
        var fields = RegisterJson.Write(MapFields.Of(feature));
        var hash = MapFields.HashOf(feature, shape, fields);
        var from = Sql.Day(feature.EffectiveFrom);
        var to = Sql.Day(feature.EffectiveTo);

        // What is known now and reaches beyond the first day of the new statement. Text order is day order; null begins is before all.
        var overlapping = connection.Query<PeriodRow>(
            """
            SELECT p.period AS Period, p.content AS Content, p.effective_from AS EffectiveFrom, p.effective_to AS EffectiveTo, c.hash AS Hash,
                   c.min_x AS MinX, c.max_x AS MaxX, c.min_y AS MinY, c.max_y AS MaxY
            FROM map_periods p JOIN map_contents c ON c.content = p.content
            WHERE p.layer = @layer AND p.id = @Id AND p.known_to IS NULL AND (@from IS NULL OR p.effective_to IS NULL OR p.effective_to > @from)
            """,
            new { layer, feature.Id, from },
            transaction).AsList();
        if (overlapping is [var only] && only.Hash == hash && only.EffectiveFrom == from && only.EffectiveTo == to)
        {
            return false;
        }

        foreach (var earlier in overlapping)
        {
            connection.Execute("UPDATE map_periods SET known_to = @version WHERE period = @Period", new { version, earlier.Period }, transaction);
            touched.ExpandToInclude(new Envelope(earlier.MinX, earlier.MaxX, earlier.MinY, earlier.MaxY));
            if (from is not null && (earlier.EffectiveFrom is null || string.CompareOrdinal(earlier.EffectiveFrom, from) < 0))
            {
                InsertPeriod(connection, transaction, earlier.Content, layer, feature.Id, earlier.EffectiveFrom, from, version);
            }
        }

        var content = connection.ExecuteScalar<long?>(
            "SELECT content FROM map_contents WHERE layer = @layer AND id = @Id AND hash = @hash", new { layer, feature.Id, hash }, transaction)
            ?? InsertContent(connection, transaction, feature, layer, hash, fields, shape);
        InsertPeriod(connection, transaction, content, layer, feature.Id, from, to, version);
        touched.ExpandToInclude(feature.Outline.Box);
        return true;
    }

    private static long InsertContent(
        SqliteConnection connection, SqliteTransaction transaction, MapFeature feature, string layer, string hash, string fields, byte[] shape)
    {
        var content = Sql.Next(connection, transaction, "map_contents", "content");
        var box = feature.Outline.Box;
        var row = new
        {
            content, layer, feature.Id, hash, feature.Document, fields, shape, area = feature.Outline.AreaSquareMeters, crs = feature.Outline.SourceCrs,
            box.MinX, box.MaxX, box.MinY, box.MaxY,
        };
        connection.Execute(
            """
            INSERT INTO map_contents (content, layer, id, hash, document, fields, shape, area_m2, source_crs, min_x, max_x, min_y, max_y)
            VALUES (@content, @layer, @Id, @hash, @Document, @fields, @shape, @area, @crs, @MinX, @MaxX, @MinY, @MaxY)
            """,
            row,
            transaction);
        connection.Execute("INSERT INTO map_boxes (content, min_x, max_x, min_y, max_y) VALUES (@content, @MinX, @MaxX, @MinY, @MaxY)", row, transaction);
        return content;
    }

    private static void InsertPeriod(
        SqliteConnection connection, SqliteTransaction transaction, long content, string layer, string id, string? from, string? to, long version) =>
        connection.Execute(
            """
            INSERT INTO map_periods (content, layer, id, effective_from, effective_to, known_from, known_to)
            VALUES (@content, @layer, @id, @from, @to, @version, NULL)
            """,
            new { content, layer, id, from, to, version },
            transaction);

    private sealed record VersionRow(
        long Version, string Layer, string KnownFrom, string Source, string SourceHash, long FeatureCount, string Actor, double MinX, double MaxX, double MinY, double MaxY);

    private sealed record PeriodRow(
        long Period, long Content, string? EffectiveFrom, string? EffectiveTo, string Hash, double MinX, double MaxX, double MinY, double MaxY);

    private sealed record FeatureRow(
        string Layer, string Id, string? EffectiveFrom, string? EffectiveTo, string? Document, string Fields, byte[] Shape, double Area, string SourceCrs)
    {
        public MapFeature ToFeature() => RegisterJson.Read<MapFields>(Fields).ToFeature(
            LayerColumn.Read(Layer).Layer, LayerColumn.Read(Layer).PlanKind, Id, new Outline(ShapeBytes.Read(Shape), Area, SourceCrs), Sql.Day(EffectiveFrom), Sql.Day(EffectiveTo), Document);
    }
}
