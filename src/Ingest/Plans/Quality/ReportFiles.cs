using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans.Quality;

/// <summary>Writes a quality report for machines, for people, and as a picture of where (docs/formats/quality-report.md).</summary>
internal static class ReportFiles
{
    private static readonly JsonWriterOptions Json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The paths written: <c>NAME.quality.json</c>, <c>.txt</c>, <c>.svg</c>.</returns>
    /// <exception cref="RefusedInputException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(string folder, QualityReport report, IReadOnlyList<Outline> outlines, bool taken)
    {
        var name = Path.Combine(folder, Path.GetFileNameWithoutExtension(report.Source) + ".quality");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = File.Create(name + ".json"))
            using (var writer = new Utf8JsonWriter(stream, Json))
            {
                WriteJson(writer, report, taken);
            }

            File.WriteAllText(name + ".txt", Text(report, taken));
            List<string> written = [name + ".json", name + ".txt"];
            if (outlines.Count > 0)
            {
                File.WriteAllText(name + ".svg", ReportPicture.Draw(report, outlines));
                written.Add(name + ".svg");
            }

            return written;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RefusedInputException($"The report cannot be written to {folder}: {fault.Message} Choose another folder with --report.", fault);
        }
    }

    public static string Text(QualityReport report, bool taken)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Source}: {report.Features} features for {report.Layer}, CRS {report.Crs}");
        text.AppendLine(taken ? "Can be taken." : "Not taken: nothing of it is on the map.");
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Errors} errors, {report.Warnings} warnings. Nothing was repaired.");
        text.AppendLine();
        foreach (var (code, (errors, warnings)) in report.Counts)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {code,-20} {errors,8} errors {warnings,8} warnings");
        if (report.Counts.Count > 0)
            text.AppendLine();
        text.AppendLine("Checks:");
        foreach (var (check, done, remark) in report.Checks)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {(done ? "done" : "NOT done")}: {check}{(remark.Length > 0 ? $" ({remark})" : "")}");
        text.AppendLine();
        var number = 0;
        foreach (var fault in report.Faults)
        {
            number++;
            text.AppendLine(CultureInfo.InvariantCulture, $"{number}. {(fault.IsError ? "ERROR" : fault.Accepted ? "accepted" : "warning")} {fault.Code}: {fault.Text}");
        }

        if (report.Faults.Count < report.Errors + report.Warnings)
            text.AppendLine(CultureInfo.InvariantCulture, $"And {report.Errors + report.Warnings - report.Faults.Count} more, counted above.");
        return text.ToString();
    }

    private static void WriteJson(Utf8JsonWriter writer, QualityReport report, bool taken)
    {
        writer.WriteStartObject();
        writer.WriteString("source", report.Source);
        writer.WriteString("layer", report.Layer);
        writer.WriteString("crs", report.Crs);
        writer.WriteNumber("features", report.Features);
        writer.WriteBoolean("can_be_taken", taken);
        writer.WriteNumber("errors", report.Errors);
        writer.WriteNumber("warnings", report.Warnings);
        writer.WriteStartObject("counts");
        foreach (var (code, (errors, warnings)) in report.Counts)
        {
            writer.WriteStartObject(code);
            writer.WriteNumber("errors", errors);
            writer.WriteNumber("warnings", warnings);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartArray("checks");
        foreach (var (check, done, remark) in report.Checks)
        {
            writer.WriteStartObject();
            writer.WriteString("check", check);
            writer.WriteBoolean("done", done);
            if (remark.Length > 0)
                writer.WriteString("remark", remark);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("faults");
        foreach (var fault in report.Faults)
        {
            writer.WriteStartObject();
            writer.WriteString("code", fault.Code);
            writer.WriteString("weight", fault.IsError ? "error" : "warning");
            if (fault.Accepted)
                writer.WriteBoolean("accepted", true);
            writer.WriteString("text", fault.Text);
            Number("feature", fault.Number);
            if (fault.Id is not null)
                writer.WriteString("id", fault.Id);
            if (fault.Others is { Count: > 0 } others)
            {
                writer.WriteStartArray("others");
                foreach (var other in others)
                    writer.WriteStringValue(other);
                writer.WriteEndArray();
            }

            Number("lon", fault.Lon);
            Number("lat", fault.Lat);
            Number("x", fault.X);
            Number("y", fault.Y);
            Number("area_m2", fault.AreaSquareMeters);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();

        void Number(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number))
                writer.WriteNumber(name, Math.Round(number, 9));
        }
    }
}
