using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Intake;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Register files by upload: one file, or the several of a Shapefile. They go to a folder of their own, section by section and never
/// whole in memory, and are deleted when the import is done. Only for administrators without region limit: a register has no regions.
/// </summary>
internal static class ImportEndpoints
{
    private const int MostFiles = 16;
    private const int MostValueLength = 4096;
    private const long MostReportBytes = 4 << 20;

    private static readonly string[] MainEndings = [".shp", ".gpkg", ".geojson", ".json", ".gml", ".zip"];

    private static readonly Dictionary<string, ImportKind> Kinds = new(StringComparer.Ordinal)
    {
        ["regions"] = ImportKind.Regions,
        ["control-lines"] = ImportKind.ControlLines,
        ["permits"] = ImportKind.Permits,
        ["parcels"] = ImportKind.Parcels,
        ["plan"] = ImportKind.Plan,
        ["patches"] = ImportKind.Patches,
        ["devices"] = ImportKind.Devices,
        ["outcomes"] = ImportKind.Outcomes,
    };

    public static void MapImport(this IEndpointRouteBuilder api) =>
        api.MapPost("/import/{kind}", ImportAsync).RequireAuthorization(Guards.WholeAdministrator).RequireRateLimiting(CostLimits.Uploads).DisableAntiforgery();

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> ImportAsync(
        string kind, HttpContext context, Reader reader, IRegisterImport import, DashboardOptions options, CancellationToken cancellationToken)
    {
        if (!Kinds.TryGetValue(kind, out var what))
        {
            return Problems.NotFound($"There is no import {kind}; kinds are {string.Join(", ", Kinds.Keys)}.");
        }

        if (context.Request.ContentLength > options.MaxImportBytes)
        {
            return TooLarge(options.MaxImportBytes);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Bad("An import is sent as multipart/form-data with the file in it.");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxImportBytes;
        }

        using var upload = new UploadFolder(options.UploadsFolder);
        var (fields, files, fault) = await TakeAsync(new MultipartReader(boundary.ToString(), context.Request.Body), upload.Path, options.MaxImportBytes, cancellationToken);
        if (fault is not null)
        {
            return fault;
        }

        if (files.Count == 0)
        {
            return Problems.Bad("There is no file in the upload.");
        }

        DateOnly? effective = null;
        if (fields.TryGetValue("effective", out var day))
        {
            if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
            {
                return Problems.Bad("effective is a date, yyyy-MM-dd.");
            }

            effective = parsed;
        }

        var check = fields.GetValueOrDefault("check") is "true";
        var layer = fields.GetValueOrDefault("layer");
        var result = await import.ImportAsync(
            new ImportRequest
            {
                Kind = what,
                Path = files.OrderBy(MainRank).First(),
                Effective = effective,
                Layer = what is ImportKind.Plan ? fields.GetValueOrDefault("sourceLayer") : layer ?? fields.GetValueOrDefault("sourceLayer"),
                PlanKind = what is ImportKind.Plan ? layer : null,
                Crs = fields.GetValueOrDefault("crs"),
                Map = MappingOf(fields),
                Batch = fields.GetValueOrDefault("batch"),
                Accept = fields.GetValueOrDefault("accept")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
                CheckOnly = check,
                ReportFolder = check ? Path.Combine(upload.Path, "report") : null,
                Actor = reader.Name,
            },
            cancellationToken);
        return TypedResults.Ok(new ImportView(result.Accepted, result.Features, result.Version, [.. result.Problems.Select(p => p.Replace(upload.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))])
        {
            Taken = result.Taken,
            Report = await ReadAsync(result.ReportFiles, ".json", cancellationToken) is { } json ? JsonSerializer.Deserialize<JsonElement>(json) : null,
            Picture = await ReadAsync(result.ReportFiles, ".svg", cancellationToken),
        });
    }

    /// <summary>The file of a report with an ending, when there is one that is not too large to be sent.</summary>
    private static async Task<string?> ReadAsync(IReadOnlyList<string> files, string ending, CancellationToken cancellationToken) =>
        files.FirstOrDefault(f => f.EndsWith(ending, StringComparison.Ordinal)) is { } path && new FileInfo(path).Length <= MostReportBytes ? await File.ReadAllTextAsync(path, cancellationToken) : null;

    internal static async Task<(Dictionary<string, string> Fields, List<string> Files, ProblemHttpResult? Fault)> TakeAsync(
        MultipartReader reader, string folder, long mostBytes, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new List<string>();
        var left = mostBytes;
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            {
                continue;
            }

            var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
            if (fileName.Length == 0)
            {
                using var text = new StreamReader(section.Body);
                var buffer = new char[MostValueLength];
                var read = await text.ReadBlockAsync(buffer, cancellationToken);
                if (read > 0 && fields.Count < 64)
                {
                    fields[HeaderUtilities.RemoveQuotes(disposition.Name).ToString()] = new string(buffer, 0, read);
                }

                continue;
            }

            if (files.Count == MostFiles)
            {
                return (fields, files, Problems.Bad($"An import has at most {MostFiles} files."));
            }

            // The name's last part alone, and of that only harmless characters: the rest of it is the sender's.
            var path = Path.Combine(folder, SafeName(fileName));
            if (files.Contains(path))
            {
                return (fields, files, Problems.Bad($"Two files of the upload have the name {Path.GetFileName(path)}."));
            }

            files.Add(path);
            await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            var chunk = new byte[64 << 10];
            int count;
            while ((count = await section.Body.ReadAsync(chunk, cancellationToken)) > 0)
            {
                left -= count;
                if (left < 0)
                {
                    return (fields, files, TooLarge(mostBytes));
                }

                await target.WriteAsync(chunk.AsMemory(0, count), cancellationToken);
            }
        }

        return (fields, files, null);
    }

    internal static string SafeName(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var safe = string.Concat(last.Where(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_')).TrimStart('.');
        return safe.Length is > 0 and <= 100 ? safe : "upload" + Path.GetExtension(safe) is { Length: <= 16 } named ? named : "upload";
    }

    internal static int MainRank(string path) =>
        Array.IndexOf(MainEndings, Path.GetExtension(path).ToLowerInvariant()) is >= 0 and var rank ? rank : MainEndings.Length;

    /// <summary>Fields <c>map.our_name</c> = the file's column.</summary>
    internal static Dictionary<string, string> MappingOf(Dictionary<string, string> fields) => fields
        .Where(static f => f.Key.StartsWith("map.", StringComparison.Ordinal))
        .ToDictionary(static f => f.Key[4..], static f => f.Value, StringComparer.Ordinal);

    private static ProblemHttpResult TooLarge(long mostBytes) =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, $"An upload has at most {mostBytes >> 20} MiB here; use the command line for more.");
}
