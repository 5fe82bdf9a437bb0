using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Learning;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring model list|show|train|promote|roll-back</c>: the models of violations (docs/models/violation.md).</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "The models that say how likely a warning will be confirmed: what there is, learning, putting to use, taking back.")
    {
        List(), Show(), Train(), Promote(), RollBack(),
    };

    private static Command List()
    {
        var data = CommonOptions.Data();
        var command = new Command("list", "What is in use, the versions there are, the outcomes to learn from.") { data };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var answer = await AskAsync(parse.GetValue(data), new ModelRequest("list", CommonOptions.Actor), cancellationToken);
            Print(answer.Overview!, Console.Out);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var version = new Argument<string>("VERSION") { Description = "Version, for example 0003." };
        var data = CommonOptions.Data();
        var command = new Command("show", "The card of a version.") { version, data };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var name = parse.GetRequiredValue(version);
            var answer = await AskAsync(parse.GetValue(data), new ModelRequest("show", CommonOptions.Actor, name), cancellationToken);
            Console.Write(answer.Card ?? throw new BadInputException($"There is no model {name}; `monitoring model list` names those there are."));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Train()
    {
        var data = CommonOptions.Data();
        var command = new Command("train", "Learns from the outcomes there are now; the new version stands in the shadow and is not used.") { data };
        command.SetAction((parse, cancellationToken) => ActAsync(parse.GetValue(data), new ModelRequest("train", CommonOptions.Actor), cancellationToken));
        return command;
    }

    private static Command Promote()
    {
        var version = new Argument<string>("VERSION") { Description = "Version, for example 0003." };
        var reason = Reason();
        var data = CommonOptions.Data();
        var command = new Command("promote", "Uses a version from now on, when it is better on the same cases.") { version, reason, data };
        command.SetAction((parse, cancellationToken) =>
            ActAsync(parse.GetValue(data), new ModelRequest("promote", CommonOptions.Actor, parse.GetRequiredValue(version), parse.GetRequiredValue(reason)), cancellationToken));
        return command;
    }

    private static Command RollBack()
    {
        var reason = Reason();
        var data = CommonOptions.Data();
        var command = new Command("roll-back", "Uses again what was used before the last promotion.") { reason, data };
        command.SetAction((parse, cancellationToken) =>
            ActAsync(parse.GetValue(data), new ModelRequest("roll-back", CommonOptions.Actor, null, parse.GetRequiredValue(reason)), cancellationToken));
        return command;
    }

    private static Option<string> Reason() => new("--reason") { Description = "Why; the audit trail keeps it.", Required = true };

    private static async Task<int> ActAsync(string? data, ModelRequest request, CancellationToken cancellationToken)
    {
        var result = (await AskAsync(data, request, cancellationToken)).Result!;
        if (!result.Done)
        {
            throw new BadInputException(result.Sentence);
        }

        Console.WriteLine(result.Sentence);
        return ExitCodes.Done;
    }

    private static async Task<ModelAnswer> AskAsync(string? data, ModelRequest request, CancellationToken cancellationToken)
    {
        var settings = SettingsLoader.Load(data, new Dictionary<string, string?>());
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await DoAsync(rooms.GetRequiredService<IViolationModels>(), request, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.AskModelsAsync(settings.Data, held, request, cancellationToken);
        }
    }

    /// <summary>One request, by the command itself or by the server that holds the directory.</summary>
    internal static async Task<ModelAnswer> DoAsync(IViolationModels models, ModelRequest request, CancellationToken cancellationToken) => request.Act switch
    {
        "list" => new ModelAnswer { Overview = await models.OverviewAsync(cancellationToken) },
        "show" => new ModelAnswer { Card = (await models.ShowAsync(request.Version ?? "", cancellationToken))?.Card },
        "train" => new ModelAnswer { Result = await models.TrainAsync(request.Actor, cancellationToken) },
        "promote" => new ModelAnswer { Result = await models.PromoteAsync(request.Version ?? "", request.Actor, request.Reason ?? "", cancellationToken) },
        "roll-back" => new ModelAnswer { Result = await models.RollBackAsync(request.Actor, request.Reason ?? "", cancellationToken) },
        _ => throw new InvalidDataException($"There is no act \"{request.Act}\" on models."),
    };

    internal static void Print(ModelsOverview overview, TextWriter output)
    {
        output.WriteLine(overview.Active is { } active
            ? $"in use: model {active}"
            : string.Create(CultureInfo.InvariantCulture, $"in use: rules and a prior ({overview.PriorRate:P0})"));
        if (overview.Shadow is { } shadow)
        {
            output.WriteLine($"in the shadow: model {shadow}{(overview.Comparison is { } compared ? $" ({compared.Reason})" : "")}");
        }

        if (overview.Problem is { } problem)
        {
            output.WriteLine($"problem: {problem}");
        }

        var o = overview.Outcomes;
        output.WriteLine($"outcomes: {o.Confirmed} confirmed, {o.Dismissed} dismissed; to learn from: {o.ExamplesConfirmed} and {o.Examples - o.ExamplesConfirmed}, needed {o.Needed} of each");
        foreach (var version in overview.Versions)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{version.Version}  {version.State,-6}  {version.MadeAt:yyyy-MM-dd HH:mm}Z by {version.MadeBy}  {version.Examples} outcomes  average precision {version.Held.AveragePrecision:F3}  calibration error {version.Held.Ece:F3}  data {version.DataHash[..12]}"));
        }
    }
}

/// <param name="Act"><c>list</c>, <c>show</c>, <c>train</c>, <c>promote</c> or <c>roll-back</c>.</param>
internal sealed record ModelRequest(string Act, string Actor, string? Version = null, string? Reason = null);

internal sealed record ModelAnswer
{
    public ModelsOverview? Overview { get; init; }

    public string? Card { get; init; }

    public ModelActResult? Result { get; init; }
}
