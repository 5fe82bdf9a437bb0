using Monitoring.Detection.Imagery.Output;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>One comparison with its output files: what <c>monitoring detect</c> calls.</summary>
public sealed class PairDetection(TimeProvider time)
{
    /// <summary>Compares; the caller judges the patches, calls <see cref="Write"/> and disposes the result.</summary>
    /// <exception cref="ImageryException">Bad input; one sentence.</exception>
    /// <exception cref="Gdal.GdalException">A damaged file; one sentence.</exception>
    public Task<PairResult> RunAsync(PairRequest request, IProgress<DetectProgress>? progress, CancellationToken cancellation) =>
        PairDetector.DetectAsync(request, time, progress, cancellation);

    /// <summary>See <see cref="DetectOutputs.Write"/>.</summary>
    public IReadOnlyList<string> Write(
        PairResult result, string folder, IReadOnlyDictionary<string, PatchVerdict>? verdicts, IProgress<DetectProgress>? progress, CancellationToken cancellation,
        ProductOptions? products = null) =>
        DetectOutputs.Write(result, folder, verdicts, time, progress, cancellation, products);
}
