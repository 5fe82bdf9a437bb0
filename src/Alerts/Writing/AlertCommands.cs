using System.Security.Cryptography;
using System.Threading.Channels;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;

namespace Monitoring.Alerts.Writing;

/// <summary>
/// The door for people's commands: checks what needs no state, then hands over to the one writer. The queue is bounded; when it is
/// full the newcomer is refused. A command whose caller has gone is not begun; one that has begun is finished.
/// </summary>
internal sealed class AlertCommands(AlertsOptions options, TimeProvider clock) : IAlertCommands
{
    private const int MaxNoteLength = 2000;
    private const int MaxPhotos = 10;

    private readonly Channel<AlertCommand> queue = Channel.CreateBounded<AlertCommand>(
        new BoundedChannelOptions(options.MaxWaitingCommands) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ChannelReader<AlertCommand> Waiting => queue.Reader;

    public Task<CommandResult> AcknowledgeAsync(string alertId, string actor, string? note, CancellationToken cancellationToken) =>
        note is { Length: > MaxNoteLength }
            ? Invalid($"A note has at most {MaxNoteLength} characters.")
            : QueueAsync(new AlertCommand.Acknowledge(alertId, actor, note, cancellationToken));

    public Task<CommandResult> AssignAsync(string alertId, string? assignee, string actor, CancellationToken cancellationToken) =>
        QueueAsync(new AlertCommand.Assign(alertId, assignee, actor, cancellationToken));

    public Task<CommandResult> VerifyAsync(
        string alertId, FieldVerification verification, IReadOnlyList<EvidencePhoto> photos, string actor, CancellationToken cancellationToken) =>
        FaultOf(verification, photos) is { } fault
            ? Invalid(fault)
            : QueueAsync(new AlertCommand.Verify(alertId, verification, photos, actor, cancellationToken));

    /// <summary>Takes no more; those that wait are answered that nothing was done.</summary>
    public void Close()
    {
        queue.Writer.TryComplete();
        while (queue.Reader.TryRead(out var command))
        {
            command.Answer.TrySetResult(CommandResult.Refused(CommandStatus.NotAllowed, "The service is stopping; nothing was done."));
        }
    }

    private string? FaultOf(FieldVerification verification, IReadOnlyList<EvidencePhoto> photos)
    {
        if (verification.Fault(clock.GetUtcNow()) is { } fault)
        {
            return fault;
        }

        if (!Enum.IsDefined(verification.Outcome))
        {
            return "The outcome is legal, illegal or other.";
        }

        if ((verification.Longitude is null) != (verification.Latitude is null)
            || verification.Longitude is not (null or (>= -180 and <= 180))
            || verification.Latitude is not (null or (>= -90 and <= 90)))
        {
            return "A place is a longitude in [-180, 180] and a latitude in [-90, 90], both or none.";
        }

        if (photos.Count > MaxPhotos)
        {
            return $"A verification has at most {MaxPhotos} photos; these are {photos.Count}.";
        }

        foreach (var photo in photos)
        {
            if (photo.Bytes.Length is 0 or > EvidencePhoto.MaxBytes)
            {
                return $"A photo has 1 to {EvidencePhoto.MaxBytes} bytes; one has {photo.Bytes.Length}.";
            }

            if (Convert.ToHexStringLower(SHA256.HashData(photo.Bytes.Span)) != photo.Sha256)
            {
                return $"The photo {photo.Sha256} does not have the content its hash says.";
            }
        }

        return photos.Select(static p => p.Sha256).Order(StringComparer.Ordinal).SequenceEqual(verification.PhotoHashes.Order(StringComparer.Ordinal))
            ? null
            : "The photos given are not the ones the verification names.";
    }

    private Task<CommandResult> QueueAsync(AlertCommand command)
    {
        if (command.Actor is not { Length: > 0 })
        {
            throw new ArgumentException("A command names the person who gives it.", nameof(command));
        }

        return queue.Writer.TryWrite(command)
            ? command.Answer.Task.WaitAsync(command.Abandoned)
            : Task.FromResult(CommandResult.Refused(
                CommandStatus.NotAllowed,
                queue.Reader.Completion.IsCompleted
                    ? "The service is stopping; nothing was done."
                    : $"{options.MaxWaitingCommands} commands are waiting already; try again in a moment."));
    }

    private static Task<CommandResult> Invalid(string fault) => Task.FromResult(CommandResult.Refused(CommandStatus.Invalid, fault));
}
