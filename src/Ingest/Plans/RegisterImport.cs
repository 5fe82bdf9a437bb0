using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Outcomes;
using Monitoring.Ingest.Plans.Quality;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// <c>monitoring import</c>: reads a file through <see cref="MapFileReader"/>, checks it against the map and appends all of it as one
/// version, or nothing and says why. Thread-safe.
/// </summary>
public sealed class RegisterImport(MapFileReader reader, PlanImportOptions options, IPlanRegister register, IPushedPatches pushed, DevicesImport devices, OutcomesImport? outcomes = null) : IRegisterImport
{
    /// <summary>Of larger imports the first features are compared with what is on the map at their place.</summary>
    private const int MostCompared = 5_000;

    public async Task<ImportResult> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Kind == ImportKind.Devices)
        {
            return request.CheckOnly
                ? new ImportResult(false, 0, null, ["A devices file has no quality report; import it without --check."])
                : await devices.ImportAsync(request.Path, request.Actor, cancellationToken);
        }

        if (request.Kind == ImportKind.Outcomes)
        {
            return outcomes is null
                ? new ImportResult(false, 0, null, ["This service keeps no outcomes."])
                : await outcomes.ImportAsync(request, cancellationToken);
        }

        if (request.Accept.FirstOrDefault(c => !FaultCodes.Acceptable.Contains(c)) is { } unacceptable)
            return new ImportResult(false, 0, null, [$"--accept {unacceptable}: that cannot be taken as it is; what can are {string.Join(", ", FaultCodes.Acceptable)}."]);

        var file = await Task.Run(() => reader.Read(request, cancellationToken), cancellationToken);
        var (features, told) = file;
        if (file.Report is { } report && features is not null)
        {
            var (errors, warnings) = (report.Errors, report.Warnings);
            IReadOnlyList<MapFeature> placed = file.Patches is { } patches ? [.. patches.Select(AsFeature)] : features;
            await PlaceAsync(placed, report, cancellationToken);
            if (report.Errors > errors)
                (features, told) = (null, report.Sentences(errors: true, options.MaxProblemsTold));
            else if (report.Warnings > warnings)
                told = [.. told, .. report.Sentences(errors: false, options.MaxProblemsTold).Where(s => !told.Contains(s))];
        }

        IReadOnlyList<string> written = [];
        string hash;
        try
        {
            if (request.ReportFolder is { } folder && file.Report is { } whole)
                written = ReportFiles.Write(folder, whole, file.Outlines, features is not null);
            if (features is null || request.CheckOnly)
                return new ImportResult(features is not null, file.Patches?.Count ?? features?.Count ?? 0, null, told) { ReportFiles = written, Taken = file.Batch ?? file.PlanKind };
            hash = await SourceFiles.Of(request.Path, options.MaxFileBytes).HashAsync(cancellationToken);
        }
        catch (RefusedInputException refused)
        {
            return new ImportResult(false, 0, null, [refused.Message]);
        }

        var source = Path.GetFileName(Path.TrimEndingDirectorySeparator(request.Path));
        if (file.Patches is { } taken)
        {
            var delivery = await pushed.AppendAsync(new PushedBatch(file.Batch!, taken, source, hash, request.Actor), cancellationToken);
            return new ImportResult(true, taken.Count, delivery?.Delivery, told) { ReportFiles = written, Taken = file.Batch };
        }

        var layer = request.Kind is ImportKind.Plan ? MapLayer.Plan : MapFeatures.LayerOf(request.Kind);
        var version = await register.AppendAsync(new MapImport(layer, features, source, hash, request.Actor) { PlanKind = file.PlanKind }, cancellationToken);
        return new ImportResult(true, features.Count, version?.Version, told) { ReportFiles = written, Taken = file.PlanKind };
    }

    private async Task PlaceAsync(IReadOnlyList<MapFeature> features, QualityReport report, CancellationToken cancellationToken)
    {
        if (features.Count == 0)
            return;
        var compared = features.Count <= MostCompared ? features : [.. features.Take(MostCompared)];
        var box = new Envelope();
        foreach (var feature in compared)
            box.ExpandToInclude(feature.Outline.Box);
        box.ExpandBy(PlaceCheck.Margin);
        var near = new MapQuestion { Box = box };
        var regions = features[0] is Region ? [] : await register.QueryAsync<Region>(MapQuestion.Everything, cancellationToken);
        List<MapFeature> known =
        [
            .. await register.QueryAsync<ControlLine>(near, cancellationToken), .. await register.QueryAsync<Parcel>(near, cancellationToken),
            .. await register.QueryAsync<Permit>(near, cancellationToken), .. await register.QueryAsync<PlanFeature>(near, cancellationToken),
        ];
        if (features[0] is Region)
            known.AddRange(await register.QueryAsync<Region>(near, cancellationToken));
        var check = new PlaceCheck(report);
        check.Check(compared, regions, [.. known.Where(k => IsSameLayer(k, features[0]))], [.. known.Where(k => !IsSameLayer(k, features[0]))]);
        if (compared.Count < features.Count)
            report.Checks.Add(("place against the map", false, $"looked at for the first {MostCompared} features"));
    }

    private static bool IsSameLayer(MapFeature one, MapFeature other) => one.Layer == other.Layer && (one as PlanFeature)?.Kind == (other as PlanFeature)?.Kind;

    /// <summary>Patches are looked at as a layer of their own.</summary>
    private static PlanFeature AsFeature(PushedPatch patch) => new() { Id = patch.Number, Outline = patch.Outline, Kind = "pushed-patches" };
}
