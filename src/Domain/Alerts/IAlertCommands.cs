using Monitoring.Domain.Cases;

namespace Monitoring.Domain.Alerts;

/// <summary>What people do to alerts. Each act is audited in the transaction that makes it. Thread-safe.</summary>
public interface IAlertCommands
{
    /// <summary>A person has seen it; the alert goes on firing.</summary>
    Task<CommandResult> AcknowledgeAsync(string alertId, string actor, string? note, CancellationToken cancellationToken);

    /// <summary>Hands it to a person; <paramref name="assignee"/> null takes it back.</summary>
    Task<CommandResult> AssignAsync(string alertId, string? assignee, string actor, CancellationToken cancellationToken);

    /// <summary>Records a field verification: the only source of outcomes. Ends the alert, decides the case.</summary>
    Task<CommandResult> VerifyAsync(string alertId, FieldVerification verification, IReadOnlyList<EvidencePhoto> photos, string actor, CancellationToken cancellationToken);
}

/// <summary>Outcome of a command.</summary>
/// <param name="Status">Done, or why not.</param>
/// <param name="Detail">One sentence for people when it was refused.</param>
/// <param name="Sequence">Sequence of the change it made, 0 when none.</param>
public sealed record CommandResult(CommandStatus Status, string? Detail = null, long Sequence = 0)
{
    public static CommandResult Done(long sequence) => new(CommandStatus.Done, null, sequence);

    public static CommandResult Refused(CommandStatus status, string detail) => new(status, detail);
}

public enum CommandStatus
{
    Done,
    NotFound,

    /// <summary>The state does not allow it.</summary>
    NotAllowed,

    /// <summary>Something that was given is wrong.</summary>
    Invalid,
}
