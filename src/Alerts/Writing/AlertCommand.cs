using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;

namespace Monitoring.Alerts.Writing;

/// <summary>A person's command on its way to the writer, with the place where its answer goes.</summary>
internal abstract record AlertCommand(string AlertId, string Actor, CancellationToken Abandoned)
{
    public TaskCompletionSource<CommandResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public sealed record Acknowledge(string AlertId, string Actor, string? Note, CancellationToken Abandoned) : AlertCommand(AlertId, Actor, Abandoned);

    public sealed record Assign(string AlertId, string? Assignee, string Actor, CancellationToken Abandoned) : AlertCommand(AlertId, Actor, Abandoned);

    public sealed record Verify(
        string AlertId, FieldVerification Verification, IReadOnlyList<EvidencePhoto> Photos, string Actor, CancellationToken Abandoned)
        : AlertCommand(AlertId, Actor, Abandoned);
}
