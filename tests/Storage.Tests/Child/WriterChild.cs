using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Child;

/// <summary>
/// A process that commits until it is killed: <c>store-writer FILE SENDERS CHECKPOINT_MIB START…</c>. Each sender sends message after
/// message, from its start number on, and prints <c>A sender number</c> only after the receipt; <c>F sender number</c> when the store was not available (it
/// then sends the same message again). What message n of sender s holds is fixed by <see cref="MessageOf"/>, so a parent knows what must
/// be there.
/// </summary>
internal static class WriterChild
{
    public const string Mode = "store-writer";

    /// <summary>1 to 5 observations of the sender's own datastream, all with times and results of their own.</summary>
    public static IReadOnlyList<Observation> MessageOf(int sender, int number) =>
        [.. Enumerable.Range(0, 1 + (number % 5)).Select(i => An.Observation($"d{sender}/s", (number * 5) + i, (number * 10) + i))];

    public static async Task<int> RunAsync(string[] args)
    {
        var senders = int.Parse(args[1], CultureInfo.InvariantCulture);
        var starts = args[3..].Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
        await using var store = DuckDbObservationStore.Open(
            args[0],
            new ObservationStoreOptions { CheckpointMiB = int.Parse(args[2], CultureInfo.InvariantCulture), RecentKeys = 100 },
            new InProcessEventBus(),
            NullLogger.Instance);
        var output = new Lock();
        await using var console = Console.OpenStandardOutput();
        Say("R 0 0");
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
        {
            for (var number = starts[sender]; ;)
            {
                try
                {
                    var letters = number % 7 == 0 ? [An.DeadLetter($"{sender}-{number}")] : Array.Empty<DeadLetter>();
                    await store.CommitAsync(new ObservationBatch(MessageOf(sender, number), letters), CancellationToken.None);
                    Say($"A {sender} {number}");
                    number++;
                }
                catch (StoreUnavailableException)
                {
                    Say($"F {sender} {number}");
                }
            }
        })));
        return 0;

        void Say(string line)
        {
            lock (output)
            {
                console.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
                console.Flush();
            }
        }
    }
}
