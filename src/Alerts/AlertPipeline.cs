using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Alerts.Lifecycle;
using Monitoring.Alerts.Writing;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Alerts;

/// <summary>
/// The one writer of alerts: findings → state machine → one transaction with changes, cases, audit and cursor → AlertChanged. People's
/// commands go through the same loop, so nothing runs against it.
/// </summary>
/// <remarks>
/// After a crash it goes on behind the stored cursor; a step is either stored with its cursor or done again, from the same state. When
/// the store fails, nothing is known to be stored: memory is thrown away, read again and the step repeated after a growing wait.
/// </remarks>
internal sealed class AlertPipeline(
    IFindingStore findings,
    IAlertStore store,
    ICursorStore cursors,
    IAlertRules rules,
    IEventBus bus,
    AlertCommands commands,
    AlertLedger ledger,
    AlertsOptions options,
    TimeProvider clock,
    ILogger<AlertPipeline> log) : BackgroundService
{
    public const string Consumer = "alerts/findings";

    private AlertBook? book;
    private long position;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        finally
        {
            commands.Close();
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        using var raised = bus.Subscribe<FindingRaised>();
        Task? woken = null;
        Task<bool>? commanded = null;
        var wait = options.FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RecallAsync(stoppingToken);
                while (await CarryOutNextAsync(stoppingToken) || await FlowAsync(stoppingToken))
                {
                    wait = options.FirstRetry;
                }

                woken ??= raised.WaitAsync(stoppingToken).AsTask();
                commanded ??= commands.Waiting.WaitToReadAsync(stoppingToken).AsTask();
                await Task.WhenAny(woken, commanded);
                woken = await UnlessDoneAsync(woken);
                commanded = commanded.IsCompleted ? null : commanded;
            }
            catch (Exception problem) when (problem is StoreUnavailableException or DbException or IOException)
            {
                log.LogError(problem, "Alerts could not be stored; trying again in {Wait}.", wait);
                book = null;
                await Task.Delay(wait, clock, stoppingToken);
                wait = wait * 2 < options.LongestRetry ? wait * 2 : options.LongestRetry;
            }
        }
    }

    /// <summary>The river. True when findings were taken.</summary>
    internal async Task<bool> FlowAsync(CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken) is { Count: > 0 } read
        && Tell(await CommitAsync(await DraftAsync(read, cancellationToken), new Cursor(Consumer, read[^1].Sequence), cancellationToken));

    private Task<IReadOnlyList<StoredFinding>> ReadAsync(CancellationToken cancellationToken) =>
        findings.ReadAfterAsync(position, options.FindingsPerCommit, cancellationToken);

    private async Task<AlertDraft> DraftAsync(IReadOnlyList<StoredFinding> read, CancellationToken cancellationToken)
    {
        var draft = NewDraft();
        foreach (var stored in read)
        {
            await draft.TakeAsync(stored.Finding, cancellationToken);
        }

        return draft;
    }

    private async Task<AlertDraft> CommitAsync(AlertDraft draft, Cursor? cursor, CancellationToken cancellationToken)
    {
        var stored = await store.CommitAsync(draft.ToBatch(cursor), cancellationToken);
        if (stored.Count > 0 && stored[^1].Sequence != draft.LastSequence)
        {
            throw new InvalidOperationException(
                $"The newest alert change got sequence {stored[^1].Sequence} where {draft.LastSequence} was next: somebody else writes alerts too.");
        }

        position = cursor?.Position ?? position;
        book!.Take(draft.Touched, draft.LastSequence);
        return draft;
    }

    private bool Tell(AlertDraft committed)
    {
        ledger.CountFindings(committed.FindingsTaken, committed.Reasons);
        if (committed.Refused > 0)
        {
            log.LogError(
                "{Refused} findings made no alert: {Limit} are open, which is the limit. They are in the audit trail as alert.refused.",
                committed.Refused,
                options.MaxOpenAlerts);
        }

        Publish(committed);
        return true;
    }

    private void Publish(AlertDraft committed)
    {
        bus.Publish(new AlertChanged(committed.LastSequence));
        foreach (var judged in committed.Cases.Where(static c => c.Verification is not null))
        {
            bus.Publish(new CaseDecided(judged.Id));
        }
    }

    /// <summary>True when a command was waiting.</summary>
    private async Task<bool> CarryOutNextAsync(CancellationToken cancellationToken)
    {
        if (!commands.Waiting.TryRead(out var command))
        {
            return false;
        }

        if (command.Abandoned.IsCancellationRequested)
        {
            command.Answer.TrySetCanceled(command.Abandoned);
            return true;
        }

        try
        {
            command.Answer.TrySetResult(await CarryOutAsync(command, cancellationToken));
            return true;
        }
        catch (Exception problem)
        {
            command.Answer.TrySetException(problem);
            throw;
        }
    }

    private async Task<CommandResult> CarryOutAsync(AlertCommand command, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(command.AlertId, cancellationToken) is not { } alert)
        {
            return CommandResult.Refused(CommandStatus.NotFound, $"There is no warning {command.AlertId}.");
        }

        var draft = NewDraft();
        var step = command switch
        {
            AlertCommand.Acknowledge => Step(new AlertInput.Acknowledge(command.Actor)),
            AlertCommand.Assign assign => Step(new AlertInput.Assign(assign.Assignee)),
            AlertCommand.Verify verify => Step(new AlertInput.Verify(verify.Verification, await CaseOfAsync(alert, cancellationToken))),
            _ => throw new InvalidOperationException($"No one carries out {command.GetType().Name}."),
        };
        ledger.CountCommand(step.Reason);
        switch (step.Reason)
        {
            case StepReason.Forbidden:
                return CommandResult.Refused(CommandStatus.NotAllowed, step.Refusal!);
            case StepReason.Invalid:
                return CommandResult.Refused(CommandStatus.Invalid, step.Refusal!);
            case StepReason.AlreadySo:
                return CommandResult.Done(0);
            default:
                break;
        }

        draft.Take(alert, step, command.Actor, (command as AlertCommand.Acknowledge)?.Note);
        await PutOnRecordAsync(draft, command, alert, cancellationToken);
        Publish(await CommitAsync(draft, null, cancellationToken));
        return CommandResult.Done(draft.LastSequence);

        AlertStep Step(AlertInput input) => AlertStateMachine.Apply(alert, input, clock.GetUtcNow(), alert.Id);
    }

    private async Task PutOnRecordAsync(AlertDraft draft, AlertCommand command, Domain.Alerts.Alert alert, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case AlertCommand.Acknowledge acknowledge:
                draft.Record(command.Actor, "alert.acknowledge", alert.Id, ("note", acknowledge.Note));
                break;
            case AlertCommand.Assign assign:
                draft.Record(command.Actor, "alert.assign", alert.Id, ("assignee", assign.Assignee));
                break;
            case AlertCommand.Verify(_, var verification, var photos, _, _):
                var file = await CaseOfAsync(alert, cancellationToken);
                draft.Judge(file!, verification, photos);
                draft.Record(
                    command.Actor,
                    "case.verify",
                    file!.Id,
                    ("alert", alert.Id),
                    ("at", verification.At.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)),
                    ("outcome", verification.Outcome.ToString().ToLowerInvariant()),
                    ("person", verification.Person),
                    ("photos", string.Join(' ', verification.PhotoHashes)),
                    ("reason", verification.Reason));
                break;
            default:
                break;
        }
    }

    private async Task<Domain.Cases.Case?> CaseOfAsync(Domain.Alerts.Alert alert, CancellationToken cancellationToken) =>
        alert.CaseId is { } id ? await store.FindCaseAsync(id, cancellationToken) : null;

    /// <summary>Reads cursor and open alerts when memory holds none.</summary>
    internal async Task RecallAsync(CancellationToken cancellationToken)
    {
        if (book is null)
        {
            position = await cursors.PositionAsync(Consumer, cancellationToken);
            book = await AlertBook.LoadAsync(store, cancellationToken);
        }
    }

    private AlertDraft NewDraft() => new(book!, rules, options, clock.GetUtcNow());

    private static async Task<Task?> UnlessDoneAsync(Task waiting)
    {
        if (!waiting.IsCompleted)
        {
            return waiting;
        }

        await waiting;
        return null;
    }
}
