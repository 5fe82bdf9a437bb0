using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Devices;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// <c>monitoring import</c>: reads a file through <see cref="MapFileReader"/> and appends all of it as one version of the map, or
/// nothing and says why. Thread-safe.
/// </summary>
public sealed class RegisterImport(MapFileReader reader, PlanImportOptions options, IPlanRegister register, DevicesImport devices) : IRegisterImport
{
    public async Task<ImportResult> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Kind == ImportKind.Devices)
            return await devices.ImportAsync(request.Path, request.Actor, cancellationToken);

        var (features, told) = await Task.Run(() => reader.Read(request, cancellationToken), cancellationToken);
        if (features is null)
            return new ImportResult(false, 0, null, told);

        string hash;
        try
        {
            hash = await SourceFiles.Of(request.Path, options.MaxFileBytes).HashAsync(cancellationToken);
        }
        catch (RefusedInputException refused)
        {
            return new ImportResult(false, 0, null, [refused.Message]);
        }

        var import = new MapImport(
            MapFeatures.LayerOf(request.Kind), features, Path.GetFileName(Path.TrimEndingDirectorySeparator(request.Path)), hash, request.Actor);
        var version = await register.AppendAsync(import, cancellationToken);
        return new ImportResult(true, features.Count, version?.Version, told);
    }
}
