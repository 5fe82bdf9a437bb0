using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;

namespace Monitoring.Dashboard.Api;

/// <summary>Field verifications come in, their photos go out.</summary>
internal static class VerificationEndpoints
{
    private const long MaxBodyBytes = (Photos.Most * (long)EvidencePhoto.MaxBytes) + (64 << 10);

    public static void MapVerification(this IEndpointRouteBuilder api)
    {
        api.MapPost("/alerts/{id}/verification", VerifyAsync)
            .RequireAuthorization(Guards.Officer)
            .RequireRateLimiting(CostLimits.Uploads)
            .DisableAntiforgery() // The header check of Guards stands for it.
            .Accepts<VerificationForm>("multipart/form-data");
        api.MapGet("/evidence/photos/{sha256}", PhotoAsync).Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
    }

    private static async Task<Results<Ok<SequenceView>, ProblemHttpResult>> VerifyAsync(
        string id, HttpContext context, Reader reader, IAlertStore alerts, IAlertCommands commands, CostLimits limits, CancellationToken cancellationToken)
    {
        // Limits before anything is read or allocated.
        if (context.Request.ContentLength > MaxBodyBytes)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, $"A verification has at most {Photos.Most} photos of {EvidencePhoto.MaxBytes >> 20} MiB each.");
        }

        if (!context.Request.HasFormContentType)
        {
            return Problems.Bad("A verification is sent as multipart/form-data.");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        if (await alerts.FindAsync(id, reader, cancellationToken) is null)
        {
            return AlertEndpoints.NoSuch(id);
        }

        var form = await context.Request.ReadFormAsync(
            new FormOptions { MultipartBodyLengthLimit = MaxBodyBytes, ValueCountLimit = 64, ValueLengthLimit = 16 << 10, MultipartHeadersCountLimit = 16 }, cancellationToken);
        if (form.Files.Count > Photos.Most)
        {
            return Problems.Bad($"A verification has at most {Photos.Most} photos; these are {form.Files.Count}.");
        }

        // The form waits on disk; only so many of them are in memory at a time.
        using var place = await limits.TakePhotoPlaceAsync(cancellationToken);
        var photos = new List<EvidencePhoto>(form.Files.Count);
        foreach (var file in form.Files)
        {
            if (file.Length is 0 or > EvidencePhoto.MaxBytes)
            {
                return Problems.Bad($"A photo has 1 byte to {EvidencePhoto.MaxBytes >> 20} MiB; {file.FileName} has {file.Length} bytes.");
            }

            var bytes = new byte[file.Length];
            await using (var stream = file.OpenReadStream())
            {
                await stream.ReadExactlyAsync(bytes, cancellationToken);
            }

            if (Photos.MediaTypeOf(bytes) is not { } type)
            {
                return Problems.Bad($"{file.FileName} is no JPEG, PNG or WebP picture; only those are taken as photos.");
            }

            photos.Add(Photos.Of(bytes, type));
        }

        photos = [.. photos.DistinctBy(static p => p.Sha256)];
        return TryRead(form, photos, out var verification, out var fault)
            ? AlertEndpoints.Answer(await commands.VerifyAsync(id, verification!, photos, reader.Name, cancellationToken))
            : Problems.Bad(fault!);
    }

    private static bool TryRead(IFormCollection form, IReadOnlyList<EvidencePhoto> photos, out FieldVerification? verification, out string? fault)
    {
        verification = null;
        FieldOutcome? outcome = form["outcome"].ToString() switch
        {
            "legal" => FieldOutcome.Legal,
            "illegal" => FieldOutcome.Illegal,
            "other" => FieldOutcome.Other,
            _ => null,
        };
        if (outcome is null)
        {
            fault = "The outcome is legal, illegal or other.";
            return false;
        }

        if (!ApiTime.TryParse(form["at"], out var at))
        {
            fault = "at is the time of the visit, ISO 8601 with a zone, such as 2026-05-01T08:00:00+08:00.";
            return false;
        }

        if (!TryDegrees(form["longitude"], out var longitude) || !TryDegrees(form["latitude"], out var latitude))
        {
            fault = "longitude and latitude are degrees, both or none.";
            return false;
        }

        fault = null;
        verification = new FieldVerification(
            outcome.Value, form["person"].ToString().Trim(), at, form["reason"].ToString().Trim(), [.. photos.Select(static p => p.Sha256)], longitude, latitude);
        return true;
    }

    private static bool TryDegrees(string? text, out double? degrees)
    {
        degrees = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return false;
        }

        degrees = value;
        return true;
    }

    /// <summary>A photo is evidence of a case, and is shown to those who may see the case.</summary>
    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> PhotoAsync(
        string sha256, HttpContext context, Reader reader, IAlertStore alerts, PhotoCases cases, CancellationToken cancellationToken)
    {
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower) || reader.SeesNothing
            || !await BelongsAsync(sha256, reader, alerts, cases, cancellationToken) || await alerts.PhotoAsync(sha256, cancellationToken) is not { } photo)
        {
            return Problems.NotFound($"There is no photo {sha256}.");
        }

        // It never changes, but who may see it does: each showing is asked for, and answered without the bytes where they are there.
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = "Cookie";
        return TypedResults.File(photo.Bytes.ToArray(), photo.MediaType, entityTag: new EntityTagHeaderValue($"\"{sha256}\""));
    }

    private static async Task<bool> BelongsAsync(string sha256, Reader reader, IAlertStore alerts, PhotoCases cases, CancellationToken cancellationToken)
    {
        if (reader.Scope.RegionPrefixes is null)
        {
            return true;
        }

        foreach (var id in await cases.NamingAsync(sha256, cancellationToken))
        {
            if (await alerts.FindCaseAsync(id, cancellationToken) is { Verification: { } verification } file
                && reader.Scope.Covers(file.RegionCode) && verification.PhotoHashes.Contains(sha256))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Shape of the form, for the description of the interface.</summary>
    internal sealed record VerificationForm(
        string Outcome, string Person, string At, string Reason, double? Longitude, double? Latitude, IFormFileCollection Photos);
}
