using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Land;

/// <summary>
/// A patch that an office above pushed down to be verified (下发图斑). It keeps the number it came with; our own findings of the same
/// place are linked to it, never merged with it, and results go back under the same number.
/// </summary>
public sealed record PushedPatch
{
    /// <summary>图斑编号, unique within its batch, 1 to 128 characters.</summary>
    public required string Number { get; init; }

    public required Outline Outline { get; init; }

    /// <summary>Day of the image before (前时相), if stated.</summary>
    public DateOnly? BeforeDate { get; init; }

    /// <summary>Day of the image after (后时相), if stated.</summary>
    public DateOnly? AfterDate { get; init; }

    /// <summary>Kind of change in the sender's words.</summary>
    public string? Kind { get; init; }

    /// <summary>Division code the sender gave.</summary>
    public string? RegionCode { get; init; }

    /// <summary>Area the sender states in m²; the geodesic area of the outline is kept apart from it.</summary>
    public double? StatedAreaSquareMeters { get; init; }

    /// <summary>Every column of the source under its own name, also those that were read into fields.</summary>
    public IReadOnlyDictionary<string, string> SourceFields { get; init; } = new Dictionary<string, string>();
}

/// <summary>One delivery of patches.</summary>
/// <param name="Batch">Name that the sender gave the delivery, 1 to 128 characters.</param>
/// <param name="SourceHash">SHA-256 of the source in lower-case hex.</param>
public sealed record PushedBatch(string Batch, IReadOnlyList<PushedPatch> Patches, string Source, string SourceHash, string Actor);

/// <param name="Delivery">Counts up by one within the batch: a batch may be sent again with more or corrected patches.</param>
/// <param name="Changed">Patches that this delivery added or corrected.</param>
/// <param name="Total">Patches of the batch after it.</param>
public sealed record BatchDelivery(string Batch, int Delivery, DateTimeOffset ReceivedAt, string Source, string SourceHash, string Actor, int Changed, int Total);

/// <summary>Patches pushed from above. Nothing is overwritten: a corrected patch supersedes, the earlier one stays readable. Thread-safe.</summary>
public interface IPushedPatches
{
    /// <summary>Appends a delivery in one transaction with its audit entry.</summary>
    /// <returns>The delivery, or null when it says nothing new.</returns>
    Task<BatchDelivery?> AppendAsync(PushedBatch batch, CancellationToken cancellationToken);

    /// <summary>All deliveries, oldest first.</summary>
    Task<IReadOnlyList<BatchDelivery>> DeliveriesAsync(CancellationToken cancellationToken);

    /// <summary>How many deliveries there are: cheap to ask, and another once there is a new one.</summary>
    Task<int> DeliveryCountAsync(CancellationToken cancellationToken);

    /// <summary>What one delivery added or corrected, by number.</summary>
    Task<IReadOnlyList<PushedPatch>> ChangedByAsync(string batch, int delivery, CancellationToken cancellationToken);

    /// <summary>Patches of a batch by number; as after <paramref name="delivery"/>, or now when null. Empty for an unknown batch.</summary>
    Task<IReadOnlyList<PushedPatch>> OfBatchAsync(string batch, int? delivery, CancellationToken cancellationToken);
}

/// <summary>What of ours lies on a pushed patch.</summary>
/// <param name="PatchId">Our patch, under its own id.</param>
/// <param name="OverlapSquareMeters">Geodesic area of the overlap.</param>
/// <param name="ShareOfPushed">Part of the pushed patch that ours covers, 0 to 1.</param>
/// <param name="InTime">Whether our interval meets the one between the two images; true when the sender gave no dates.</param>
public sealed record PushedPatchLink(
    string PatchId, string SiteId, Findings.Verdict Verdict, IReadOnlyList<string> Reasons, DateTimeOffset NotBefore, DateTimeOffset NotAfter,
    double OverlapSquareMeters, double ShareOfPushed, bool InTime)
{
    /// <summary>Confidence of our detector, [0, 1].</summary>
    public double Score { get; init; }

    /// <summary>The newest score of the site; null when it has none.</summary>
    public Learning.CandidateScore? Likelihood { get; init; }
}

/// <summary>A pushed patch with what we know of its place.</summary>
public sealed record PushedPatchResult(PushedPatch Patch, IReadOnlyList<PushedPatchLink> Links);

/// <summary>Links pushed patches with our own findings and writes results under the sender's numbers. Thread-safe.</summary>
public interface IPushedPatchResults
{
    Task<IReadOnlyList<PushedPatchResult>> OfBatchAsync(string batch, CancellationToken cancellationToken);

    /// <summary>Writes the results of a batch as GeoJSON (docs/formats/pushed-patches.md).</summary>
    /// <returns>Number of patches written, or a sentence why not.</returns>
    Task<(int Patches, string? Problem)> ExportAsync(string batch, string path, CancellationToken cancellationToken);
}
