namespace Monitoring.Detection.Imagery.Pair;

/// <summary>One comparison, as <c>monitoring detect</c>, the watch and comparing again ask for it.</summary>
public sealed class PairDetection(TimeProvider time)
{
    /// <summary>Compares; the caller judges the patches, writes what it wants of the result and disposes it.</summary>
    /// <exception cref="ImageryException">Bad input; one sentence.</exception>
    /// <exception cref="Gdal.GdalException">A damaged file; one sentence.</exception>
    public Task<PairResult> RunAsync(PairRequest request, IProgress<DetectProgress>? progress, CancellationToken cancellation) =>
        PairDetector.DetectAsync(request, time, progress, cancellation);
}
