using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Monitoring.TestKit;

namespace Monitoring.Fuzz;

/// <summary>
/// Runs a check over damaged input: 20 000 rounds, or as many seconds as <c>MONITORING_FUZZ_SECONDS</c> says (60 with <c>MONITORING_LONG</c>).
/// A failure prints seed, round and input.
/// </summary>
internal static class FuzzRun
{
    private const int ShortRounds = 20_000;

    public static void Over(IReadOnlyList<string> seeds, Action<byte[]> check, int seed = 20260501, [CallerMemberName] string proof = "")
    {
        byte[][] corpus = [.. seeds.Select(Encoding.UTF8.GetBytes)];
        var mutations = new Mutations(seed);
        var started = TimeProvider.System.GetTimestamp();
        var round = 0;
        for (; GoesOn(round, started); round++)
        {
            var input = mutations.Make(corpus, round);
            try
            {
                check(input);
            }
            catch (Exception problem)
            {
                throw new FuzzFailureException($"seed {seed}, round {round}: {problem.Message}\ninput: {Convert.ToBase64String(input)}\n{Encoding.UTF8.GetString(input)}", problem);
            }
        }

        // The corpus itself is sound, so that the damage is what is tested.
        foreach (var sound in corpus)
            check(sound);
        LongProofs.Record($"fuzz {proof}", string.Create(CultureInfo.InvariantCulture, $"{round:N0} damaged inputs, seed {seed}"), "values or one sentence each, no exception");
    }

    private static bool GoesOn(int round, long started)
    {
        var text = Environment.GetEnvironmentVariable("MONITORING_FUZZ_SECONDS");
        var seconds = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var named) ? named
            : Effort.Full ? 60
            : 0;
        return seconds > 0 ? TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds : round < ShortRounds;
    }
}

internal sealed class FuzzFailureException(string message, Exception inner) : Exception(message, inner);
