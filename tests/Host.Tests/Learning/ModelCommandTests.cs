using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>Models and outcomes by the built program, without and with a server that holds the data.</summary>
public sealed class ModelCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Model_WithoutHistory_SaysWhatIsInUseAndRefusesInOneSentence()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        (await RunAsync(0, "model", "list", "--data", data)).ShouldContain("in use: rules and a prior (15");
        (await RunAsync(2, "model", "train", "--data", data)).ShouldContain("200 of each");
        (await RunAsync(2, "model", "promote", "0001", "--reason", "better", "--data", data)).ShouldContain("There is no model 0001.");
        (await RunAsync(2, "model", "roll-back", "--reason", "worse", "--data", data)).ShouldContain("nothing to roll back to");
        (await RunAsync(2, "model", "show", "0001", "--data", data)).ShouldContain("There is no model 0001");
        (await RunAsync(2, "model", "promote", "0001", "--data", data)).ShouldContain("--reason");

        var file = folder.File("outcomes.csv");
        await File.WriteAllTextAsync(file, "reference,longitude,latitude,decided_on,decision,found_by\nA,119.5,32.1,2026-03-02,confirmed,patrol\nB,119.5,32.1,2026-03-02,dismissed,complaint\n", Stop);
        await using var server = await ServiceProcess.StartAsync(data, Stop);
        (await RunAsync(0, "import", "outcomes", file, "--data", data)).ShouldContain("outcomes: 2 taken");
        (await RunAsync(0, "import", "outcomes", file, "--data", data)).ShouldContain("2 of 2 outcomes were there already");
        (await RunAsync(0, "model", "list", "--data", data)).ShouldContain("outcomes: 1 confirmed, 1 dismissed; to learn from: 0 and 0, needed 200 of each");
        (await RunAsync(2, "model", "train", "--data", data)).ShouldContain("200 of each");
    }

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (code, output) = await ServiceProcess.RunAsync(Stop, arguments);
        code.ShouldBe(expected, output);
        return output;
    }
}
