using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// What a comparison found, with the rasters that outputs are written from. Owns temporary files: dispose it when they are written.
/// </summary>
public sealed class PairResult : IDisposable
{
    private readonly PassLayers _layers;
    private readonly CloudCells _cells;
    private readonly string _folder;

    internal PairResult(
        PairRequest request, ChangeSet changes, IReadOnlyList<IReadOnlyList<PixelRun>> pixels, PairModel model, PassLayers layers, CloudCells cells, PairOverview overview,
        IReadOnlyList<StageCost> costs, string folder)
    {
        (Request, Changes, Pixels, Model, Overview, Costs) = (request, changes, pixels, model, overview, costs);
        (_layers, _cells, _folder) = (layers, cells, folder);
    }

    public PairRequest Request { get; }

    public ChangeSet Changes { get; }

    /// <summary>The pixels of each patch of <see cref="Changes"/>, in its order; sorted.</summary>
    public IReadOnlyList<IReadOnlyList<PixelRun>> Pixels { get; }

    /// <summary>One for each patch of <see cref="Changes"/>, in its order; empty when a network scored the pixels.</summary>
    public IReadOnlyList<CandidateObject> Objects { get; internal init; } = [];

    public PairModel Model { get; }

    /// <summary>Score of each pixel in sixteenths (byte, 0 to 254), 255 = no data; null unless the request asked for it.</summary>
    public RasterLayer? Scores => _layers.Scores;

    /// <summary>Both dates as the quicklook shows them, painted while the patches were made.</summary>
    internal Task<Output.QuicklookPanels>? Panels { get; init; }

    /// <summary>Both dates, small.</summary>
    public PairOverview Overview { get; }

    public IReadOnlyList<StageCost> Costs { get; }

    /// <summary>Row by row, from the first on: marks the pixels that were not observed on one of the dates, clouds and shadows among them.</summary>
    /// <returns>Fills one row with 1 where a pixel was not observed, else 0. Not thread-safe; each caller takes its own.</returns>
    public Action<int, Span<byte>> HiddenRows() => new HiddenRows(_layers, _cells).Fill;

    public void Dispose()
    {
        _layers.Dispose();
        TemporaryFolder.Delete(_folder);
    }
}

internal static class TemporaryFolder
{
    public static string Create(string? under)
    {
        var parent = under ?? Path.GetTempPath();
        Directory.CreateDirectory(parent);
        return Directory.CreateDirectory(Path.Combine(parent, $"monitoring-pair-{Guid.NewGuid():N}")).FullName;
    }

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
