using Monitoring.Alerts.Lifecycle;
using Monitoring.Alerts.Tests.Fakes;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;

namespace Monitoring.Alerts.Tests;

public sealed class AlertCommandsTests : IAsyncDisposable
{
    private readonly Room room = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_FiringSite_JudgesTheCaseEndsTheAlertKeepsThePhotoAndIsOnRecord()
    {
        var alert = await FiringAsync();
        var photo = Given.Photo();

        var result = await room.Commands.VerifyAsync(alert.Id, Given.Visit(FieldOutcome.Illegal, Given.Dawn.AddHours(3), photo), [photo], "wang", Cancel);

        result.ShouldBe(CommandResult.Done(4));
        var file = room.Store.Cases.ShouldHaveSingleItem();
        file.State.ShouldBe(CaseState.Judged);
        file.Verification!.Outcome.ShouldBe(FieldOutcome.Illegal);
        file.DecidedAt.ShouldBe(room.Clock.GetUtcNow());
        room.Store.Alerts.ShouldHaveSingleItem().ResolveReason.ShouldBe(ResolveReason.HumanOutcome);
        (await room.Store.PhotoAsync(photo.Sha256, Cancel)).ShouldNotBeNull();
        var entry = room.Store.Audit[^1];
        (entry.Action, entry.Actor, entry.Subject).ShouldBe(("case.verify", "wang", file.Id));
        entry.Details.ShouldContain("\"outcome\":\"illegal\"");
        room.Bus.Published.OfType<CaseDecided>().ShouldHaveSingleItem().CaseId.ShouldBe(file.Id);
    }

    [Fact]
    public async Task Verify_JudgedCase_IsRefusedAndChangesNothing()
    {
        var alert = await FiringAsync();
        await room.Commands.VerifyAsync(alert.Id, Given.Visit(FieldOutcome.Legal, Given.Dawn.AddHours(3)), [], "wang", Cancel);

        var again = await room.Commands.VerifyAsync(alert.Id, Given.Visit(FieldOutcome.Other, Given.Dawn.AddHours(4)), [], "li", Cancel);

        again.Status.ShouldBe(CommandStatus.NotAllowed);
        room.Store.Cases.Single().Verification!.Outcome.ShouldBe(FieldOutcome.Legal);
    }

    [Fact]
    public async Task Verify_AfterALegalOutcome_TheSamePatchDoesNotRaiseAgain()
    {
        var alert = await FiringAsync();
        await room.Commands.VerifyAsync(alert.Id, Given.Visit(FieldOutcome.Legal, Given.Dawn.AddHours(3)), [], "wang", Cancel);

        await FindAsync(Given.Finding(Given.Building, Given.Site(), 5, reason: "outside-approval"), 2);

        room.Store.Alerts.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Verify_AnEarlierInstanceAfterTheLatest_WhatWasJudgedDoesNotRaiseAgain()
    {
        var first = await FiringAsync();
        await FindAsync(Given.Clears(Given.Building, Given.Site(), 30, AlertStateMachine.DemolitionSeen), 2);
        await FindAsync(Given.Finding(Given.Building, Given.Site(), 60), 3);
        var second = room.Store.Alerts.Single(a => a.Id != first.Id);
        await room.Commands.VerifyAsync(second.Id, Given.Visit(FieldOutcome.Legal, Given.Dawn.AddHours(3)), [], "wang", Cancel);
        (await room.Commands.VerifyAsync(first.Id, Given.Visit(FieldOutcome.Legal, Given.Dawn.AddHours(2)), [], "wang", Cancel)).Status.ShouldBe(CommandStatus.Done);

        await FindAsync(Given.Finding(Given.Building, Given.Site(), 70), 4);

        room.Store.Alerts.Count.ShouldBe(2);
        room.Store.Alerts.ShouldAllBe(a => a.State == AlertState.Resolved);
    }

    public static TheoryData<string, FieldVerification, EvidencePhoto[]> BadVerifications => new()
    {
        { "illegal without photo", Given.Visit(FieldOutcome.Illegal, Given.Dawn), [] },
        { "in the future", Given.Visit(FieldOutcome.Legal, Given.Dawn.AddYears(1)), [] },
        { "without person", Given.Visit(FieldOutcome.Legal, Given.Dawn) with { Person = "" }, [] },
        { "without reason", Given.Visit(FieldOutcome.Legal, Given.Dawn) with { Reason = "" }, [] },
        { "unknown outcome", Given.Visit((FieldOutcome)9, Given.Dawn), [] },
        { "half a place", Given.Visit(FieldOutcome.Legal, Given.Dawn) with { Longitude = 118 }, [] },
        { "photo that was not given", Given.Visit(FieldOutcome.Illegal, Given.Dawn, Given.Photo()), [] },
        { "photo that is not named", Given.Visit(FieldOutcome.Legal, Given.Dawn), [Given.Photo()] },
        { "photo with other content", Given.Visit(FieldOutcome.Legal, Given.Dawn, Given.Photo()), [Given.Photo() with { Bytes = new byte[] { 1 } }] },
        { "empty photo", Given.Visit(FieldOutcome.Legal, Given.Dawn, Given.Photo()), [Given.Photo() with { Bytes = Array.Empty<byte>() }] },
        { "eleven photos", Given.Visit(FieldOutcome.Legal, Given.Dawn), [.. Enumerable.Range(0, 11).Select(static n => Given.Photo((byte)n))] },
    };

    [Theory]
    [MemberData(nameof(BadVerifications))]
    public async Task Verify_BadInput_IsOneSentenceAndNoOutcome(string what, FieldVerification verification, EvidencePhoto[] photos)
    {
        var alert = await FiringAsync();

        var result = await room.Commands.VerifyAsync(alert.Id, verification, photos, "wang", Cancel);

        result.Status.ShouldBe(CommandStatus.Invalid, what);
        result.Detail.ShouldNotBeNullOrWhiteSpace();
        room.Store.Cases.Single().State.ShouldBe(CaseState.Detected);
    }

    [Fact]
    public async Task AcknowledgeAndAssign_Firing_AreChangesWithActorNoteAndRecord()
    {
        var alert = await FiringAsync();

        (await room.Commands.AcknowledgeAsync(alert.Id, "li", "派人去看", Cancel)).ShouldBe(CommandResult.Done(3));
        (await room.Commands.AssignAsync(alert.Id, "zhao", "li", Cancel)).ShouldBe(CommandResult.Done(4));
        (await room.Commands.AssignAsync(alert.Id, "zhao", "li", Cancel)).ShouldBe(CommandResult.Done(0));

        room.Store.Changes[2].ShouldSatisfyAllConditions(c => c.Actor.ShouldBe("li"), c => c.Note.ShouldBe("派人去看"));
        var after = room.Store.Alerts.Single();
        (after.State, after.AcknowledgedBy, after.Assignee).ShouldBe((AlertState.Firing, "li", "zhao"));
        room.Store.Audit.Select(static a => a.Action).TakeLast(2).ShouldBe(["alert.acknowledge", "alert.assign"]);
    }

    [Fact]
    public async Task Commands_UnknownAlert_AreNotFound()
    {
        await FiringAsync();

        (await room.Commands.AcknowledgeAsync("nobody", "li", null, Cancel)).Status.ShouldBe(CommandStatus.NotFound);
    }

    [Fact]
    public async Task Commands_QueueFull_RefusesTheNewcomer()
    {
        using var stopped = new Room(new AlertsOptions { MaxWaitingCommands = 1 });
        var first = stopped.Commands.AcknowledgeAsync("a", "li", null, Cancel);

        var second = await stopped.Commands.AcknowledgeAsync("a", "li", null, Cancel);

        second.Status.ShouldBe(CommandStatus.NotAllowed);
        first.IsCompleted.ShouldBeFalse();
        await stopped.Pipeline.StartAsync(Cancel);
        (await first).Status.ShouldBe(CommandStatus.NotFound);
        await stopped.Pipeline.StopAsync(Cancel);
    }

    [Fact]
    public async Task Commands_ServiceStops_AreAnswered()
    {
        await FiringAsync();
        await room.Pipeline.StopAsync(Cancel);

        (await room.Commands.AcknowledgeAsync("a", "li", null, Cancel)).Status.ShouldBe(CommandStatus.NotAllowed);
    }

    public async ValueTask DisposeAsync()
    {
        await room.Pipeline.StopAsync(CancellationToken.None);
        room.Dispose();
    }

    private async Task<Alert> FiringAsync()
    {
        await room.Pipeline.StartAsync(Cancel);
        await FindAsync(Given.Finding(Given.Building, Given.Site(), 5), 1);
        return room.Store.Alerts.Single();
    }

    private async Task FindAsync(Domain.Findings.Finding finding, long position)
    {
        room.Findings.Add([finding]);
        room.Bus.Publish(new FindingRaised(position));
        await room.Store.Until(() => room.Store.Position(AlertPipeline.Consumer) == position).WaitAsync(Cancel);
    }
}
