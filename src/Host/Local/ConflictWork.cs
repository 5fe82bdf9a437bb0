using System.Globalization;
using Monitoring.Detection.Conflicts;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Host.Local;

/// <summary>What <c>monitoring check</c> asks, here or of the server that holds the data directory. Paths are absolute.</summary>
internal sealed record ConflictRequest
{
    /// <summary>File of what is planned; null = the features of <see cref="Layer"/> on the map.</summary>
    public string? Path { get; init; }

    public string? Kind { get; init; }

    public string? Crs { get; init; }

    public string? SourceLayer { get; init; }

    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    public string? Layer { get; init; }

    public required DateOnly On { get; init; }

    public IReadOnlyList<string>? Against { get; init; }

    public bool Suggest { get; init; } = true;

    public string? AsBuilt { get; init; }

    public required string Out { get; init; }
}

/// <param name="Problem">Set when the question was refused.</param>
internal sealed record ConflictDone(IReadOnlyList<string> Lines, IReadOnlyList<string> Notes, string? Problem);

/// <summary>Does a <c>monitoring check</c>: reads the file, checks, writes the report. Thread-safe.</summary>
internal sealed class ConflictWork(IProposalFile files, ConflictEngine engine)
{
    /// <summary>Against the map of a register.</summary>
    public async Task<ConflictDone> RunAsync(ConflictRequest request, PlanIndexSource source, CancellationToken cancellationToken)
    {
        var index = await source.CurrentAsync(cancellationToken);
        return await Task.Run(() => Run(request, index, cancellationToken), cancellationToken);
    }

    /// <summary>Against loose features.</summary>
    public ConflictDone Run(ConflictRequest request, PlanIndex index, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        try
        {
            OutputPlace.Demand("--out", request.Out);
        }
        catch (Exception fault) when (fault is BadInputException or IOException)
        {
            return new ConflictDone([], [], fault.Message);
        }

        if (Subjects(request, index, notes, cancellationToken) is not { } subjects)
        {
            return new ConflictDone([], [], string.Join(Environment.NewLine, notes));
        }

        try
        {
            var report = engine.Check(
                new ConflictQuestion { Subjects = subjects, On = request.On, Against = request.Against, Suggest = request.Suggest && request.Layer is null }, index, cancellationToken);
            if (request.AsBuilt is { } path)
            {
                var built = files.Read(new ProposalRequest(path, PlanKinds.Building, request.Crs), cancellationToken);
                if (built.Subjects is not { } outlines)
                {
                    return new ConflictDone([], [], $"--as-built: {string.Join(Environment.NewLine, built.Told)}");
                }

                report = report with { AsBuilt = AsBuilt.Compare(subjects, outlines, cancellationToken) };
            }

            _ = ConflictFiles.Write(report, request.Out);
            return new ConflictDone([.. Lines(report, request.Out)], notes, null);
        }
        catch (ConflictQuestionException refused)
        {
            return new ConflictDone([], [], refused.Message);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new ConflictDone([], [], $"--out {request.Out} cannot be written: {fault.Message}");
        }
    }

    private IReadOnlyList<PlanFeature>? Subjects(ConflictRequest request, PlanIndex index, List<string> notes, CancellationToken cancellationToken)
    {
        if (request.Layer is { } layer)
        {
            var found = index.InBox<PlanFeature>(MapLayer.Plan, new NetTopologySuite.Geometries.Envelope(-180, 180, -90, 90))
                .Where(f => f.Kind == layer && f.InForceOn(request.On) && f.Outline.Shape.Dimension is not NetTopologySuite.Geometries.Dimension.Point).DistinctBy(f => f.Id).ToList();
            if (found.Count > 0)
            {
                return found;
            }

            notes.Add($"--layer {layer}: nothing of that layer is in force on {request.On:yyyy-MM-dd}; import it with monitoring import plan FILE --layer {layer}, or choose another day with --date.");
            return null;
        }

        var read = files.Read(new ProposalRequest(request.Path!, request.Kind, request.Crs) { Map = request.Map, SourceLayer = request.SourceLayer }, cancellationToken);
        notes.AddRange(read.Told.Select(t => t.Replace("name it with --layer", "name it with --kind", StringComparison.Ordinal)));
        return read.Subjects;
    }

    private static IEnumerable<string> Lines(ConflictReport report, string folder)
    {
        foreach (var total in report.Totals)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{total.Kind}\t{total.Count}\t{total.AreaSquareMeters:0.#} m²\t{total.LengthMeters:0.#} m");
        }

        foreach (var note in report.Notes)
        {
            yield return $"note\t{note.Code}\t{string.Join(", ", note.Facts.Select(f => $"{f.Key} {f.Value}"))}";
        }

        foreach (var best in report.Suggestions.DistinctBy(s => (s.SubjectKind, s.SubjectId)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"suggestion\t{best.SubjectId}\t{best.Change}\tcost {best.CostBefore:0.#} → {best.CostAfter:0.#}\tlength {best.LengthAfter - best.LengthBefore:+0.#;-0.#;0} m\tarea {best.AreaAfter - best.AreaBefore:+0.#;-0.#;0} m²");
        }

        if (report.AsBuilt.Count > 0)
        {
            yield return $"as built\t{string.Join(", ", report.AsBuilt.GroupBy(a => a.Verdict).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"))}";
        }

        var grave = report.Conflicts.Count(c => c.Severity >= Severity.Major);
        yield return string.Create(CultureInfo.InvariantCulture, $"{report.Subjects.Count} checked on {report.On:yyyy-MM-dd}, {report.Totals.Sum(t => t.Count)} conflicts, {grave} of them major; files in {folder}");
    }
}
