using Monitoring.Detection.Imagery.Objects;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// What a comparison found, with the rasters that outputs are written from. Owns temporary files: dispose it when they are written.
/// </summary>
public sealed class PairResult : IDisposable
{
    internal PairResult(
        PairRequest request, ChangeSet changes, PairModel model, RasterLayer scores, RasterLayer labels, PairOverview overview, IReadOnlyList<StageCost> costs, string folder)
    {
        (Request, Changes, Model, Scores, Labels, Overview, Costs, Folder) = (request, changes, model, scores, labels, overview, costs, folder);
    }

    public PairRequest Request { get; }

    public ChangeSet Changes { get; }

    public PairModel Model { get; }

    /// <summary>Score of each pixel in sixteenths (byte, 0 to 254); 255 = not observed.</summary>
    public RasterLayer Scores { get; }

    /// <summary>Number of the patch within the change set, from 1 (Int32); 0 = none.</summary>
    public RasterLayer Labels { get; }

    /// <summary>One for each patch, in the order of the labels.</summary>
    public IReadOnlyList<CandidateObject> Objects { get; internal init; } = [];

    /// <summary>Both dates, small.</summary>
    public PairOverview Overview { get; }

    public IReadOnlyList<StageCost> Costs { get; }

    private string Folder { get; }

    public void Dispose()
    {
        Scores.Dispose();
        Labels.Dispose();
        TemporaryFolder.Delete(Folder);
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
