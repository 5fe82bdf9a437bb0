using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Cases;

/// <summary>
/// The life of a case: opened for a firing alert that only a person may end, judged by a field verification. There is no third way in
/// or out: nothing else in this room makes a <see cref="CaseState.Judged"/>.
/// </summary>
internal static class CaseLife
{
    public static Case Open(Alert alert, DateTimeOffset now) => new()
    {
        Id = $"case-{alert.Id}",
        AlertId = alert.Id,
        SiteId = alert.Subject.Kind is SubjectKind.Site ? alert.Subject.Id : alert.Subject.ToString(),
        RegionCode = alert.RegionCode,
        State = CaseState.Detected,
        OpenedAt = now,
    };

    /// <exception cref="InvalidOperationException">The case was judged before.</exception>
    public static Case Judge(Case file, FieldVerification verification, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(verification);
        return file.State is CaseState.Detected
            ? file with { State = CaseState.Judged, Verification = verification, DecidedAt = now }
            : throw new InvalidOperationException($"Case {file.Id} was judged before; an outcome is not changed.");
    }
}
