using Monitoring.Bench;

// dotnet run -c Release --project bench -- publish | latency | detect | scaling [PIXELS] | ccdc | ccdc-agreement [SERIES OF A KIND] | ccdc-golden | watch | accuracy | train-objects | smallest | violations | philadelphia [TRAIN.csv TEST.csv] | train-speed | risk-map | judgement [PARCELS] | all
// Build the solution in Release first: the benches run the built program.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var results = Path.Combine(Repository.Root(), "bench", "results");
Directory.CreateDirectory(results);
switch (args)
{
    case ["read", .. var files]:
        DetectBench.Read(files);
        return 0;
    case ["pair", var folder]:
        DetectBench.MakePair(folder);
        return 0;
    case ["publish"]:
        await PublishBench.RunAsync(results, stop.Token);
        return 0;
    case ["latency"]:
        await LatencyBench.RunAsync(results, stop.Token);
        return 0;
    case ["detect"]:
        await DetectBench.RunAsync(results, stop.Token);
        return 0;
    case ["scaling"]:
        await ScalingBench.RunAsync(results, int.MaxValue, stop.Token);
        return 0;
    case ["scaling", var most]:
        await ScalingBench.RunAsync(results, int.Parse(most, System.Globalization.CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["ccdc"]:
        await CcdcBench.RunAsync(results, stop.Token);
        return 0;
    case ["ccdc-agreement"]:
        await CcdcAgreement.RunAsync(results, 20, stop.Token);
        return 0;
    case ["ccdc-agreement", var each]:
        await CcdcAgreement.RunAsync(results, int.Parse(each, System.Globalization.CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["ccdc-golden"]:
        await CcdcAgreement.WriteGoldensAsync(stop.Token);
        return 0;
    case ["watch"]:
        await WatchBench.RunAsync(results, stop.Token);
        return 0;
    case ["watch", var side]:
        await WatchBench.RunAsync(int.Parse(side, System.Globalization.CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["accuracy"]:
        await AccuracyBench.RunAsync(results, stop.Token);
        return 0;
    case ["train-objects"]:
        await AccuracyBench.TrainAsync(Path.Combine(Repository.Root(), "src", "Detection", "Imagery", "Objects", "urban-change-objects.json"), stop.Token);
        return 0;
    case ["smallest"]:
        await SmallestPatchBench.RunAsync(results, stop.Token);
        return 0;
    case ["violations"]:
        ViolationBench.Run(results, Path.Combine(Repository.Root(), "docs", "pictures"), stop.Token);
        return 0;
    case ["philadelphia"]:
        PhiladelphiaBench.Run(results, stop.Token);
        return 0;
    case ["philadelphia", var train, var test]:
        try
        {
            PhiladelphiaBench.Run(train, test, stop.Token);
            return 0;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }

    case ["train-speed"]:
        TrainSpeedBench.Run(results, stop.Token);
        return 0;
    case ["risk-map"]:
        RiskMapBench.Run(results, stop.Token);
        return 0;
    case ["judgement"]:
        JudgementBench.Run(results, 1_000_000, stop.Token);
        return 0;
    case ["judgement", var parcels]:
        JudgementBench.Run(results, int.Parse(parcels, System.Globalization.CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["all"]:
        await PublishBench.RunAsync(results, stop.Token);
        await LatencyBench.RunAsync(results, stop.Token);
        await DetectBench.RunAsync(results, stop.Token);
        await CcdcBench.RunAsync(results, stop.Token);
        await WatchBench.RunAsync(results, stop.Token);
        await AccuracyBench.RunAsync(results, stop.Token);
        await SmallestPatchBench.RunAsync(results, stop.Token);
        ViolationBench.Run(results, Path.Combine(Repository.Root(), "docs", "pictures"), stop.Token);
        PhiladelphiaBench.Run(results, stop.Token);
        TrainSpeedBench.Run(results, stop.Token);
        RiskMapBench.Run(results, stop.Token);
        JudgementBench.Run(results, 1_000_000, stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("bench: publish | latency | detect | scaling [PIXELS] | ccdc | ccdc-agreement [SERIES OF A KIND] | ccdc-golden | watch | accuracy | train-objects | smallest | violations | philadelphia [TRAIN.csv TEST.csv] | train-speed | risk-map | judgement [PARCELS] | all");
        return 2;
}
