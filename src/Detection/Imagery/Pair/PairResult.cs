using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

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
    internal Task<QuicklookPanels>? Panels { get; init; }

    /// <summary>What the comparison held.</summary>
    internal PassMemory Memory { get; init; } = new(0);

    /// <summary>Both dates, small.</summary>
    public PairOverview Overview { get; }

    public IReadOnlyList<StageCost> Costs { get; }

    /// <summary>Row by row, from the first on: marks the pixels that were not observed on one of the dates, clouds and shadows among them.</summary>
    /// <returns>Fills one row with 1 where a pixel was not observed, else 0. Not thread-safe; each caller takes its own.</returns>
    public Action<int, Span<byte>> HiddenRows() => new HiddenRows(_layers, _cells).Fill;

    public void Dispose()
    {
        TemporaryFolder.Release(_folder, _layers);
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

    /// <summary>Closes what lies in the folder and deletes it, whatever fails on the way.</summary>
    /// <exception cref="AggregateException">More than one thing could not be closed; a single failure is thrown as it is.</exception>
    public static void Release(string folder, params IReadOnlyList<IDisposable?> open)
    {
        var failures = new List<Exception>();
        try
        {
            foreach (var one in open)
            {
                try
                {
                    one?.Dispose();
                }
                catch (Exception problem) when (IsOfTheDisk(problem))
                {
                    failures.Add(problem);
                }
            }
        }
        finally
        {
            Delete(folder);
        }

        if (failures is [var single])
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(single);
        }

        if (failures.Count > 1)
        {
            throw new AggregateException(failures[0].Message, failures);
        }
    }

    /// <summary>As <see cref="Release"/> after a failure, which is what people are told: what fails now mostly follows from it and goes with it as data.</summary>
    public static void ReleaseAfter(Exception first, string folder, params IReadOnlyList<IDisposable?> open)
    {
        try
        {
            Release(folder, open);
        }
        catch (Exception problem) when (IsOfTheDisk(problem) || problem is AggregateException)
        {
            first.Data["when closing"] = problem.Message;
        }
    }

    private static bool IsOfTheDisk(Exception problem) => problem is GdalException or IOException or UnauthorizedAccessException;

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
