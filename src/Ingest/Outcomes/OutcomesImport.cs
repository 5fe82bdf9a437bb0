using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Learning;

namespace Monitoring.Ingest.Outcomes;

/// <summary><c>monitoring import outcomes</c>: outcomes of field verifications that were recorded elsewhere, whole or not at all. Thread-safe.</summary>
public sealed class OutcomesImport(ILearningStore learning, IngestOptions options, TimeProvider clock)
{
    /// <summary>Largest file in bytes.</summary>
    public const long MaxFileBytes = 64L * 1024 * 1024;

    public async Task<ImportResult> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var file = new FileInfo(request.Path);
        if (!file.Exists)
        {
            return Refused($"{request.Path} does not exist or is no file; give a CSV or GeoJSON file of outcomes.");
        }

        if (file.Length > MaxFileBytes)
        {
            return Refused(string.Create(CultureInfo.InvariantCulture, $"{request.Path} has {file.Length} bytes; a file of outcomes has at most {MaxFileBytes}. Split it."));
        }

        var bytes = await File.ReadAllBytesAsync(request.Path, cancellationToken);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            return Refused($"{request.Path} is not UTF-8; save it as UTF-8.");
        }

        var problems = new ProblemList();
        var json = text.AsSpan().TrimStart() is ['{', ..];
        var outcomes = OutcomesFile.Read(text, json, request.Map, TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone), clock.GetUtcNow(), problems);
        if (problems.Any)
        {
            return new ImportResult(false, 0, null, [.. problems.Sentences.Select(p => $"{Path.GetFileName(request.Path)}: {p.TrimEnd('.')}.")]);
        }

        if (request.CheckOnly)
        {
            return new ImportResult(true, outcomes.Count, null, []);
        }

        var taken = await learning.RecordAsync(
            new OutcomeDelivery(outcomes, Path.GetFileName(request.Path), Convert.ToHexStringLower(SHA256.HashData(bytes)), request.Actor), cancellationToken);
        return new ImportResult(
            true, taken, null,
            taken == outcomes.Count ? [] : [string.Create(CultureInfo.InvariantCulture, $"{outcomes.Count - taken} of {outcomes.Count} outcomes were there already, by their reference; an outcome is not changed.")]);
    }

    private static ImportResult Refused(string sentence) => new(false, 0, null, [sentence]);
}
