using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Learning;

/// <summary>Where a candidate comes from.</summary>
public enum CandidateOrigin
{
    /// <summary>Our own detectors.</summary>
    Own,

    /// <summary>Pushed from above: every one is worked, whatever a model says.</summary>
    Pushed,
}

public enum TriageOutcome
{
    /// <summary>To be worked, in the order of the probability.</summary>
    Work,

    /// <summary>Set aside with a reason; it stays on record and can be taken up.</summary>
    SetAside,

    /// <summary>Would be set aside, and was drawn to be inspected all the same: how it comes out tells whether setting aside is right.</summary>
    Recheck,
}

/// <param name="Reason">Null for <see cref="TriageOutcome.Work"/>.</param>
/// <param name="InspectionChance">The recheck share for those that were drawn by chance; the importance weight of their outcomes comes from it. Else null.</param>
public sealed record TriageDecision(TriageOutcome Outcome, Reason? Reason, double? InspectionChance);

/// <summary>
/// Which candidates need no visit now. The model orders work; it removes nothing that was pushed, sets nothing aside before it learned from outcomes (rules and a
/// prior never do), and nothing that the rules call a conflict. Pure; thread-safe.
/// </summary>
public sealed record Triage
{
    /// <summary>Own candidates below this probability are set aside. Default 0.02, range [0, 0.2]; 0 sets nothing aside.</summary>
    public double Bound { get; init; } = 0.02;

    /// <summary>Share of those that are inspected all the same. Default 0.05, range [0.01, 1].</summary>
    public double RecheckShare { get; init; } = 0.05;

    /// <summary>Changes the draw. Within one seed an id is always or never drawn.</summary>
    public int Seed { get; init; } = 1;

    public IEnumerable<string> Faults()
    {
        if (!(Bound is >= 0 and <= 0.2))
        {
            yield return $"Bound is {Bound.ToString(CultureInfo.InvariantCulture)}; it lies in [0, 0.2].";
        }

        if (!(RecheckShare is >= 0.01 and <= 1))
        {
            yield return $"RecheckShare is {RecheckShare.ToString(CultureInfo.InvariantCulture)}; it lies in [0.01, 1]: without rechecks nobody would learn that the bound is wrong.";
        }
    }

    public TriageDecision Decide(string candidateId, CandidateOrigin origin, Verdict verdict, ViolationScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        if (origin is CandidateOrigin.Pushed || score.Source is ScoreSource.Rules || verdict is Verdict.Conflict || !(score.Probability < Bound))
        {
            return new(TriageOutcome.Work, null, null);
        }

        var reason = Reason.Of(
            "low-probability", ("probability", score.Probability.ToString("0.####", CultureInfo.InvariantCulture)), ("bound", Bound.ToString("0.####", CultureInfo.InvariantCulture)),
            ("model", score.ModelVersion ?? ""));
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}:{candidateId}"));
        var drawn = BinaryPrimitives.ReadUInt64LittleEndian(bytes) / (double)ulong.MaxValue < RecheckShare;
        return new(drawn ? TriageOutcome.Recheck : TriageOutcome.SetAside, reason, drawn ? RecheckShare : null);
    }
}
