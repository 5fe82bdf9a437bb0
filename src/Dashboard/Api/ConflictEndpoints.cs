using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// What is planned against the map, before anything is built: drawn, or a file. Only the reader's ground is looked at; nothing is stored, each check is on the record. One at a time for a
/// person, two in all.
/// </summary>
internal static class ConflictEndpoints
{
    /// <summary>A drawing, in bytes of JSON.</summary>
    private const long MostBodyBytes = 2 << 20;

    private const int MostSubjects = 500;
    private const int MostCorners = 20_000;
    private const int MostValues = 64;
    private const int MostText = 200;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(60);

    public static void MapConflicts(this IEndpointRouteBuilder api)
    {
        api.MapPost("/conflicts", DrawnAsync).RequireRateLimiting(CostLimits.Checks);
        api.MapPost("/conflicts/file", FileAsync).RequireRateLimiting(CostLimits.Checks).DisableAntiforgery();
    }

    /// <summary>Features as GeoJSON in longitude and latitude.</summary>
    private static async Task<Results<Ok<ConflictView>, ProblemHttpResult>> DrawnAsync(HttpContext context, Reader reader, RegionDirectory regions, Desk desk, CancellationToken cancellationToken)
    {
        if (context.Request.ContentLength > MostBodyBytes)
        {
            return TooLarge(MostBodyBytes);
        }

        Limit(context, MostBodyBytes);
        if (!context.Request.HasJsonContentType())
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "The body has a media type that is not taken here; send application/json.");
        }

        ConflictBody body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<ConflictBody>(context.Request.Body, ApiJson.Options, cancellationToken) ?? throw new JsonException("it holds null");
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or NotSupportedException)
        {
            return Problems.Bad($"The body is not what is expected here: {wrong.Message}");
        }

        if (Subjects(body, out var subjects) is { } fault)
        {
            return Problems.Bad(fault);
        }

        if (!MapEndpoints.TryParseDay(body.On, regions, out var day))
        {
            return MapEndpoints.BadDay();
        }

        await RecordAsync(reader, desk, "drawing", day, ("features", subjects.Count.ToString(CultureInfo.InvariantCulture)), ("kind", subjects[0].Kind), cancellationToken);
        return await InTimeAsync(desk, end => CheckAsync(reader, desk, subjects, day, body.Against, body.Suggest ?? true, [], end), cancellationToken);
    }

    /// <summary>One file, or the several of a Shapefile, of any vector format.</summary>
    private static async Task<Results<Ok<ConflictView>, ProblemHttpResult>> FileAsync(
        HttpContext context, Reader reader, RegionDirectory regions, Desk desk, DashboardOptions options, CancellationToken cancellationToken)
    {
        if (desk.Files is not { } door)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "This process reads no plan files; ask one that does, or send GeoJSON to /api/conflicts.");
        }

        if (context.Request.ContentLength > options.MaxCheckBytes)
        {
            return TooLarge(options.MaxCheckBytes);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Bad("A file is sent as multipart/form-data.");
        }

        Limit(context, options.MaxCheckBytes);
        using var upload = new UploadFolder(options.UploadsFolder);
        var (fields, files, fault) = await ImportEndpoints.TakeAsync(new MultipartReader(boundary.ToString(), context.Request.Body), upload.Path, options.MaxCheckBytes, cancellationToken);
        if (fault is not null)
        {
            return fault;
        }

        if (files.Count == 0)
        {
            return Problems.Bad("There is no file in the upload.");
        }

        if (!MapEndpoints.TryParseDay(fields.GetValueOrDefault("on"), regions, out var day))
        {
            return MapEndpoints.BadDay();
        }

        var path = files.OrderBy(ImportEndpoints.MainRank).First();
        var source = Path.GetFileName(path);

        // On the record before anything of the file is read: what a file did to the process must be found under somebody's name.
        await RecordAsync(reader, desk, source, day, ("bytes", files.Sum(static f => new FileInfo(f).Length).ToString(CultureInfo.InvariantCulture)), ("kind", fields.GetValueOrDefault("kind") ?? ""), cancellationToken);
        return await InTimeAsync(
            desk,
            async end =>
            {
                var limits = new ProposalLimits(options.MaxCheckBytes, options.MaxCheckUnpackedBytes, MostSubjects, MostCorners);
                var request = new ProposalRequest(path, fields.GetValueOrDefault("kind"), fields.GetValueOrDefault("crs")) { Map = ImportEndpoints.MappingOf(fields), SourceLayer = fields.GetValueOrDefault("layer"), Limits = limits };
                var read = await Task.Run(() => door.Read(request, end), end);

                // Where the server keeps the file is nobody's matter.
                IReadOnlyList<string> told = [.. read.Told.Select(t => t.Replace(upload.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
                if (read.Subjects is not { } subjects)
                {
                    return Problems.Bad(string.Join(" ", told));
                }

                if (subjects.Count > MostSubjects || subjects.Sum(s => (long)s.Outline.Shape.NumPoints) > MostCorners)
                {
                    return TooMany();
                }

                var against = fields.TryGetValue("against", out var layers) ? layers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : null;
                return await CheckAsync(reader, desk, subjects, day, against, fields.GetValueOrDefault("suggest") is not "false", told, end);
            },
            cancellationToken);
    }

    private static Task RecordAsync(Reader reader, Desk desk, string source, DateOnly day, (string, string) first, (string, string) second, CancellationToken cancellationToken) =>
        desk.Audit.AppendAsync(desk.Auditor.Entry(reader.Name, "conflict.check", source, first, second, ("on", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))), cancellationToken);

    /// <summary>Reading and checking in one place among the checks, and both within one deadline.</summary>
    private static async Task<Results<Ok<ConflictView>, ProblemHttpResult>> InTimeAsync(
        Desk desk, Func<CancellationToken, Task<Results<Ok<ConflictView>, ProblemHttpResult>>> work, CancellationToken cancellationToken)
    {
        using var place = await desk.Limits.TakeCheckPlaceAsync(cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var deadline = new CancellationTokenSource(MostTime, desk.Clock);
        using var register = deadline.Token.Register(end.Cancel);
        try
        {
            return await work(end.Token);
        }
        catch (ConflictQuestionException refused)
        {
            return Problems.Bad(refused.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Create(CultureInfo.InvariantCulture, $"The check took longer than {MostTime.TotalSeconds:0} s; check fewer or smaller features, or without suggestions."));
        }
    }

    private static async Task<Results<Ok<ConflictView>, ProblemHttpResult>> CheckAsync(
        Reader reader, Desk desk, IReadOnlyList<PlanFeature> subjects, DateOnly day, IReadOnlyList<string>? against, bool suggest, IReadOnlyList<string> told, CancellationToken end)
    {
        if (desk.Check is not { } check)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "This process checks no conflicts; ask one with the role detect.");
        }

        var report = await check.CheckAsync(
            new ConflictQuestion { Subjects = subjects, On = day, Against = against, Suggest = suggest, MaySee = reader.MaySee, Ground = reader.Ground?.Ground }, end);
        return TypedResults.Ok(new ConflictView(report, told, [.. Withheld(reader, report)]));
    }

    /// <summary>The same whether something lies there or not.</summary>
    private static IEnumerable<WithheldView> Withheld(Reader reader, ConflictReport report)
    {
        if (reader.SeesNothing || report.Subjects.Any(s => s.Clipped))
        {
            yield return new WithheldView(null, "region");
        }

        foreach (var layer in new[] { MapLayer.ControlLine, MapLayer.Permit, MapLayer.Parcel, MapLayer.Plan }.Select(MapLayers.NameOf).Where(l => !reader.Grades.ShowsAll(reader.Role, l)))
        {
            yield return new WithheldView(layer, "grade");
        }
    }

    /// <returns>One sentence when the body is wrong.</returns>
    private static string? Subjects(ConflictBody body, out List<PlanFeature> subjects)
    {
        subjects = [];
        if (body.Features is not { Count: > 0 } features)
        {
            return "There is nothing to check; send at least one feature.";
        }

        if (features.Any(static f => f is null))
        {
            return "A feature is null; send a GeoJSON geometry for each.";
        }

        if (features.Count > MostSubjects || features.Sum(f => (long)(f.Geometry?.NumPoints ?? 0)) > MostCorners)
        {
            return $"At most {MostSubjects} features with {MostCorners} corners together are checked at once; use the command line for more.";
        }

        var kind = body.Kind ?? "";
        if (kind.Length is 0 or > 40 || !kind.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            return "kind is the plan layer of the features, for example road, pipe or project.";
        }

        var number = 0;
        foreach (var feature in features)
        {
            number++;
            if (feature.Geometry is not { IsEmpty: false } shape)
            {
                return $"Feature {number} has no geometry.";
            }

            var box = shape.EnvelopeInternal;
            if (!(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
            {
                return $"Feature {number} does not lie in longitude and latitude; send degrees, longitude first.";
            }

            var values = feature.Properties ?? [];
            if (values.Count > MostValues || values.Any(v => v.Key.Length > MostText || v.Value.GetRawText().Length > MostText))
            {
                return $"Feature {number} has more than {MostValues} properties, or one of more than {MostText} characters.";
            }

            subjects.Add(new PlanFeature
            {
                Id = Text(values, "id") ?? $"#{number}",
                Kind = kind,
                Name = Text(values, "name"),
                Code = Text(values, "code"),
                CodeList = Text(values, "code") is null ? null : ListOf(kind),
                Outline = new Outline(shape, shape.Dimension is Dimension.Surface ? Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area : 0, "EPSG:4490"),
                Values = values.Where(v => v.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number).ToDictionary(v => v.Key, v => Text(values, v.Key)!, StringComparer.Ordinal),
            });
        }

        return null;
    }

    private static string? ListOf(string kind) => kind switch
    {
        PlanKinds.Pipe => "pipe-media",
        PlanKinds.Road => "road-classes",
        PlanKinds.Project => "project-stages",
        PlanKinds.Zoning => "zone-kinds",
        PlanKinds.LandSurvey => LandCodes.LandSurvey2019,
        _ => LandCodes.LandUse2023,
    };

    private static string? Text(Dictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) ? value.ValueKind switch { JsonValueKind.String when value.GetString() is { Length: > 0 } text => text, JsonValueKind.Number => value.GetRawText(), _ => null } : null;

    private static void Limit(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytes;
        }
    }

    private static ProblemHttpResult TooLarge(long bytes) => Problems.Of(StatusCodes.Status413PayloadTooLarge, $"A check takes at most {bytes >> 20} MiB; use the command line for more.");

    private static ProblemHttpResult TooMany() => Problems.Bad($"At most {MostSubjects} features with {MostCorners} corners together are checked at once; use the command line for more.");

    /// <summary>What the endpoints work with. The check and the door of files live in rooms that a process may lack.</summary>
    internal sealed record Desk(IConflictCheck? Check, IProposalFile? Files, CostLimits Limits, IAuditTrail Audit, PeopleAuditor Auditor, TimeProvider Clock)
    {
        /// <summary>Minimal-interface binding.</summary>
        public static ValueTask<Desk?> BindAsync(HttpContext context)
        {
            var services = context.RequestServices;
            return ValueTask.FromResult<Desk?>(new Desk(
                services.GetService<IConflictCheck>(), services.GetService<IProposalFile>(), services.GetRequiredService<CostLimits>(), services.GetRequiredService<IAuditTrail>(), services.GetRequiredService<PeopleAuditor>(),
                services.GetRequiredService<TimeProvider>()));
        }
    }
}

/// <summary>What is asked with a drawing.</summary>
internal sealed record ConflictBody(string? Kind, string? On, IReadOnlyList<string>? Against, bool? Suggest, IReadOnlyList<ConflictBodyFeature>? Features);

internal sealed record ConflictBodyFeature(Geometry? Geometry, Dictionary<string, JsonElement>? Properties);

/// <param name="Told">What a person should know of the file.</param>
internal sealed record ConflictView(ConflictReport Report, IReadOnlyList<string> Told, IReadOnlyList<WithheldView> Withheld);
