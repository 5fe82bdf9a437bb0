using System.Globalization;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>What a comparison shows otherwise than the last one of the same ground.</summary>
internal static class LastTime
{
    /// <summary>Earlier scenes that are asked for their comparisons.</summary>
    private const int MostAsked = 16;

    /// <summary>A patch that gained a quarter has grown, as with the series.</summary>
    private const double Grown = 1.25;

    /// <summary>The newest comparison by the same detector whose later scene is one of the earlier scenes of the place; null when there is none.</summary>
    public static async Task<ChangeSet?> FindAsync(IChangeStore changes, ChangeSet now, Scene scene, IEnumerable<Scene> earlier, CancellationToken cancellationToken)
    {
        var asked = earlier.Where(s => s.AcquiredAt < scene.AcquiredAt).OrderByDescending(s => s.AcquiredAt).ThenBy(s => s.Id, StringComparer.Ordinal).Take(MostAsked);
        foreach (var other in asked)
        {
            var sets = await changes.OfCurrentSceneAsync(other.Id, cancellationToken);
            if (sets.LastOrDefault(s => s.DetectorId == now.DetectorId && s.Id != now.Id) is { } last)
            {
                return last;
            }
        }

        return null;
    }

    /// <summary>Counts, as a reason of the new change set. Not seen again is no demolition: the baseline may show the building already.</summary>
    public static Reason Tell(ChangeSet last, ChangeSet now)
    {
        // What lies outside the newer picture was not looked at either.
        var lines = PatchDiff.Compare(last.Patches, now.Patches, now.Observed);
        var grown = lines.Count(l => l.Fate is PatchFate.Changed && l.After!.Outline.AreaSquareMeters >= Grown * l.Before!.Outline.AreaSquareMeters);
        return Reason.Of(
            "since-last-time",
            ("scene", last.CurrentSceneId),
            ("change_set", last.Id),
            ("new", Text(lines.Count(l => l.Fate is PatchFate.New))),
            ("grown", Text(grown)),
            ("same", Text(lines.Count(l => l.Fate is PatchFate.Same or PatchFate.Changed or PatchFate.Merged or PatchFate.Split) - grown)),
            ("not_seen_again", Text(lines.Count(l => l.Fate is PatchFate.Gone))),
            ("not_observed", Text(lines.Count(l => l.Fate is PatchFate.NotObserved))));
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
