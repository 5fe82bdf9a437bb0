using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Api;

/// <summary>Exports of the warnings, written page by page. In a demonstration each carries the watermark.</summary>
internal static class ExportEndpoints
{
    private const int Page = 500;
    private const string Watermark = "演示数据,不得用于执法 / demonstration data, not for enforcement";

    public static void MapExports(this IEndpointRouteBuilder api)
    {
        api.MapGet("/export/alerts.geojson", GeoJsonAsync).Produces(StatusCodes.Status200OK, contentType: "application/geo+json");
        api.MapGet("/export/alerts.csv", CsvAsync).Produces(StatusCodes.Status200OK, contentType: "text/csv");
    }

    private static async Task GeoJsonAsync(
        HttpContext context, Reader reader, IAlertStore alerts, Likelihoods likelihoods, DashboardOptions options, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(auditor.Entry(reader.Name, "alert.export", "alerts.geojson"), cancellationToken);
        context.Response.ContentType = "application/geo+json; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"alerts.geojson\"";
        var json = new Utf8JsonWriter(context.Response.BodyWriter);
        await using (json)
        {
            json.WriteStartObject();
            json.WriteString("type", "FeatureCollection");
            json.WriteString("grade", MapLayers.Camel(reader.Grades.Of(LayerGrading.Alerts).ToString()));
            json.WriteBoolean("demonstration", options.Demonstration);
            if (options.Demonstration)
            {
                json.WriteString("watermark", Watermark);
            }

            json.WriteStartArray("features");
            await foreach (var page in PagesAsync(alerts, reader, cancellationToken))
            {
                var scores = await likelihoods.OfAsync(page, cancellationToken);
                foreach (var alert in page)
                {
                    var view = AlertView.Of(alert, reader.Names) with { Likelihood = scores.GetValueOrDefault(alert.FindingId) };
                    json.WriteStartObject();
                    json.WriteString("type", "Feature");
                    json.WriteString("id", view.Id);
                    json.WritePropertyName("geometry");
                    JsonSerializer.Serialize(json, view.Geometry, ApiJson.Options);
                    json.WritePropertyName("properties");
                    JsonSerializer.Serialize(json, view with { Geometry = null }, ApiJson.Options);
                    json.WriteEndObject();
                }

                await json.FlushAsync(cancellationToken);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static async Task CsvAsync(
        HttpContext context, Reader reader, IAlertStore alerts, Likelihoods likelihoods, DashboardOptions options, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(auditor.Entry(reader.Name, "alert.export", "alerts.csv"), cancellationToken);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"alerts.csv\"";
        var text = new StringBuilder("\uFEFF"); // Spreadsheets take UTF-8 for it only with the mark.
        if (options.Demonstration)
        {
            text.Append(Csv(Watermark)).Append("\r\n");
        }

        text.Append("id,rule,subject,state,severity,verdict,score,region,region_name,longitude,latitude,area_m2,starts_at,not_before,firing_since,fired_at,resolved_at,resolve_reason,acknowledged_by,assignee,reasons,probability,probability_source,model_version,scored_at,triage,sequence,grade\r\n");
        await foreach (var page in PagesAsync(alerts, reader, cancellationToken))
        {
            var scores = await likelihoods.OfAsync(page, cancellationToken);
            foreach (var alert in page)
            {
                AppendRow(text, AlertView.Of(alert, reader.Names) with { Likelihood = scores.GetValueOrDefault(alert.FindingId) }, reader.Grades.Of(LayerGrading.Alerts));
            }

            await context.Response.WriteAsync(text.ToString(), cancellationToken);
            text.Clear();
        }

        await context.Response.WriteAsync(text.ToString(), cancellationToken);
    }

    private static void AppendRow(StringBuilder text, AlertView v, DataGrade grade)
    {
        string?[] cells =
        [
            v.Id, v.RuleId, $"{MapLayers.Camel(v.Subject.Kind.ToString())}:{v.Subject.Id}", MapLayers.Camel(v.State.ToString()),
            MapLayers.Camel(v.Severity.ToString()), MapLayers.Camel(v.Verdict.ToString()), Number(v.Score), v.RegionCode, v.RegionName,
            Number(v.Center?[0]), Number(v.Center?[1]), Number(v.AreaSquareMeters), Time(v.StartsAt), Time(v.NotBefore), Time(v.FiringSince), Time(v.FiredAt),
            Time(v.ResolvedAt), v.ResolveReason is { } r ? MapLayers.Camel(r.ToString()) : null, v.AcknowledgedBy, v.Assignee,
            string.Join(' ', v.Reasons.Select(static r => r.Code)), Number(v.Likelihood?.Probability), v.Likelihood?.Source, v.Likelihood?.Model, Time(v.Likelihood?.AsOf),
            v.Likelihood is { } l ? MapLayers.Camel(l.Triage.ToString()) : null, v.Sequence.ToString(CultureInfo.InvariantCulture), MapLayers.Camel(grade.ToString()),
        ];
        text.AppendJoin(',', cells.Select(Csv)).Append("\r\n");
    }

    /// <summary>RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe before it.</summary>
    internal static string Csv(string? cell)
    {
        if (string.IsNullOrEmpty(cell))
        {
            return "";
        }

        if (cell[0] is '=' or '+' or '@' or '\t' or '\r' || (cell[0] is '-' && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            cell = "'" + cell;
        }

        return cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>All alerts that the reader may see, newest change first. An alert that changes meanwhile may be left out of later pages; it is in the earlier state nowhere twice.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<Alert>> PagesAsync(
        IAlertStore alerts, Reader reader, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Alert> page;
        long? before = null;
        do
        {
            page = await alerts.QueryAsync(reader, new AlertQuestion { BeforeSequence = before, Limit = Page }, cancellationToken);
            yield return page;
            before = page.Count > 0 ? page[^1].Sequence : before;
        }
        while (page.Count == Page);
    }

    private static string? Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);

    private static string? Time(DateTimeOffset? time) => time is { } t ? ApiTime.Text(t) : null;
}
