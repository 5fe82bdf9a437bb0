using Dapper;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <content>The risk map and what it is made from.</content>
public sealed partial class SqliteLearningStore
{
    public async Task<IReadOnlyList<KnownPeriod>> HistoryAsync(MapLayer layer, string? planKind, Envelope box, CancellationToken cancellationToken)
    {
        if ((layer is MapLayer.Plan) != (planKind is not null))
        {
            throw new ArgumentException("Plan features are asked for by their kind, others have none.", nameof(planKind));
        }

        var parameters = new DynamicParameters(new { layer = layer is MapLayer.Plan ? LayerColumn.OfKind(planKind!) : RegisterJson.Name(layer) });
        var place = Sql.IndexedBoxFilter("c", "content", "map_boxes", box, parameters);
        var rows = await database.ReadAsync(
            connection => connection.Query<PeriodRow>(
                $"""
                SELECT p.content AS Content, p.id AS Id, p.effective_from AS EffectiveFrom, p.effective_to AS EffectiveTo, c.document AS Document, c.fields AS Fields,
                       c.shape AS Shape, c.area_m2 AS Area, c.source_crs AS SourceCrs, v.known_from AS KnownFrom, u.known_from AS KnownUntil
                FROM map_contents c JOIN map_periods p ON p.content = c.content JOIN map_versions v ON v.version = p.known_from
                     LEFT JOIN map_versions u ON u.version = p.known_to
                WHERE {place} AND c.layer = @layer
                ORDER BY p.id, p.effective_from, p.known_from
                """,
                parameters).AsList(),
            cancellationToken);
        Dictionary<long, Geometry> shapes = [];
        return rows.ConvertAll(r =>
        {
            if (!shapes.TryGetValue(r.Content, out var shape))
            {
                shapes[r.Content] = shape = ShapeBytes.Read(r.Shape);
            }

            var feature = RegisterJson.Read<MapFields>(r.Fields).ToFeature(
                layer, planKind, r.Id, new Outline(shape, r.Area, r.SourceCrs), Sql.Day(r.EffectiveFrom), Sql.Day(r.EffectiveTo), r.Document);
            return new KnownPeriod(feature, r.Content, Sql.Time(r.KnownFrom), r.KnownUntil is { } until ? Sql.Time(until) : null);
        });
    }

    public async Task<IReadOnlyList<SightedPatch>> SightingsAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await database.ReadAsync(
            connection => connection.Query<(string Body, string SiteId, string Verdict, string KnownAt)>(
                """
                SELECT p.body, j.site_id, j.verdict, p.known_at
                FROM patches p JOIN judgements j ON j.patch = p.patch AND j.current = 1
                WHERE p.known_at >= @since ORDER BY p.known_at DESC, p.patch DESC LIMIT @limit
                """,
                new { since = Sql.Time(since), limit }).AsList(),
            cancellationToken);
        return rows.ConvertAll(static r => new SightedPatch(RegisterJson.Read<ChangePatch>(r.Body), r.SiteId, RegisterJson.Value<Verdict>(r.Verdict), Sql.Time(r.KnownAt)));
    }

    public async Task<IReadOnlyList<Finding>> FindingsOfRuleAsync(string ruleId, DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                "SELECT body FROM findings WHERE rule_id = @ruleId AND phenomenon_end >= @since ORDER BY phenomenon_end DESC, sequence DESC LIMIT @limit",
                new { ruleId, since = Sql.Time(since), limit }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<Finding>);
    }

    public async Task<string> RiskStampAsync(string activityRuleId, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => connection.QuerySingle<string>(
            """
            SELECT (SELECT coalesce(max(version), 0) FROM map_versions) || '/' || (SELECT coalesce(max(judgement), 0) FROM judgements) || '/'
                || (SELECT count(*) FROM findings WHERE rule_id = @activityRuleId) || '/' || (SELECT count(*) FROM cases WHERE decided_at IS NOT NULL) || '/'
                || (SELECT count(*) FROM imported_outcomes) || '/' || (SELECT coalesce(max(version), 0) FROM device_imports)
            """,
            new { activityRuleId }),
        cancellationToken);

    public async Task ReplaceRiskAsync(RiskPicture picture, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(picture);
        await database.WriteAsync(
            (connection, transaction) =>
            {
                connection.Execute("DELETE FROM risk_parcels; DELETE FROM risk_picture;", transaction: transaction);
                connection.Execute("INSERT INTO risk_picture (only, body) VALUES (1, @body)", new { body = RegisterJson.Write(picture with { Parcels = [] }) }, transaction);
                foreach (var parcel in picture.Parcels)
                {
                    var box = parcel.Outline.Box;
                    connection.Execute(
                        """
                        INSERT INTO risk_parcels (parcel_id, region_code, risk, body, min_x, max_x, min_y, max_y)
                        VALUES (@ParcelId, @RegionCode, @Risk, @body, @MinX, @MaxX, @MinY, @MaxY) ON CONFLICT (parcel_id) DO NOTHING
                        """,
                        new { parcel.ParcelId, parcel.RegionCode, parcel.Risk, body = RegisterJson.Write(parcel), box.MinX, box.MaxX, box.MinY, box.MaxY },
                        transaction);
                }

                return true;
            },
            cancellationToken);
    }

    public async Task<RiskPicture?> RiskAsync(RiskQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Limit, 1);
        var parameters = new DynamicParameters(new { question.Limit, risk = question.After?.Risk, after = question.After?.ParcelId });
        var where = $"{Sql.BoxFilter("r", question.Box, parameters)} AND {Sql.RegionFilter("r.region_code", question.RegionPrefixes, parameters)}"
            + (question.After is null ? "" : " AND (r.risk < @risk OR (r.risk = @risk AND r.parcel_id > @after))");
        var (head, parcels) = await database.ReadAsync(
            connection => (
                connection.QuerySingleOrDefault<string>("SELECT body FROM risk_picture"),
                connection.Query<string>($"SELECT r.body FROM risk_parcels r WHERE {where} ORDER BY r.risk DESC, r.parcel_id LIMIT @Limit", parameters).AsList()),
            cancellationToken);
        return head is null ? null : RegisterJson.Read<RiskPicture>(head) with { Parcels = parcels.ConvertAll(RegisterJson.Read<RiskParcel>) };
    }

    private sealed record PeriodRow(
        long Content, string Id, string? EffectiveFrom, string? EffectiveTo, string? Document, string Fields, byte[] Shape, double Area, string SourceCrs, string KnownFrom, string? KnownUntil);
}
