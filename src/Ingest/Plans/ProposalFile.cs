using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans.Quality;

namespace Monitoring.Ingest.Plans;

/// <summary>Reads what is planned as features of a plan layer, without storing anything. Thread-safe.</summary>
public sealed class ProposalFile(MapFileReader reader) : IProposalFile
{
    private const string Id = "id";

    public IReadOnlyList<string> Kinds => reader.PlanKinds;

    public ProposalReading Read(ProposalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Limits is { } limits && request.Path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                using var unpacked = UnpackedZip.Of(request.Path, limits, cancellationToken);
                var read = ReadUnpacked(request with { Path = unpacked.Source }, cancellationToken);
                return read with { Told = [.. read.Told.Select(t => t.Replace(unpacked.Source, Path.GetFileName(request.Path), StringComparison.Ordinal))] };
            }
            catch (RefusedInputException refused)
            {
                return new ProposalReading(null, [refused.Message]);
            }
        }

        return ReadUnpacked(request, cancellationToken);
    }

    private ProposalReading ReadUnpacked(ProposalRequest request, CancellationToken cancellationToken)
    {
        var read = reader.Read(Import(request), request.Limits, cancellationToken);
        if (read.Features is null && !request.Map.ContainsKey(Id) && read.Told.Any(t => t.StartsWith($"The field '{Id}' was not found", StringComparison.Ordinal)))
        {
            // Nobody has numbered yet what is only planned: the place in the file does.
            read = reader.Read(Import(request with { Map = new Dictionary<string, string>(request.Map) { [Id] = "#" } }), request.Limits, cancellationToken);
        }

        return new ProposalReading(read.Features?.OfType<PlanFeature>().ToList(), read.Told);
    }

    /// <summary>Overlaps, gaps and doubles among themselves are not what is asked here.</summary>
    private static ImportRequest Import(ProposalRequest request) => new()
    {
        Kind = ImportKind.Plan,
        Path = request.Path,
        PlanKind = request.Kind,
        Crs = request.Crs,
        Layer = request.SourceLayer,
        Map = request.Map,
        Actor = "check",
        Accept = [FaultCodes.Overlap, FaultCodes.SliverOverlap, FaultCodes.Gap, FaultCodes.SliverGap, FaultCodes.Sliver, FaultCodes.DuplicateShape],
    };
}
