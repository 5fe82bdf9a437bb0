using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Events;
using Monitoring.Storage.Bus;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Child;

/// <summary>
/// A process that writes alert batches until it is killed: <c>register-writer FILE FIRST</c>. Batch n holds two changes, an audit entry and
/// the cursor n; <c>A 0 n</c> is printed after its commit.
/// </summary>
internal static class RegisterChild
{
    public const string Mode = "register-writer";

    public const string Consumer = "alerts/findings";

    public static AlertBatch BatchOf(int number) => new()
    {
        Changes = [An.Change(An.Alert($"a{number}")), An.Change(An.Alert($"b{number}"), AlertChangeKind.Pended)],
        Audit = [An.Audit("alert.test", $"{number}")],
        Cursor = new Cursor(Consumer, number),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        using var database = RegisterDatabase.Open(args[0], TimeProvider.System, NullLogger.Instance);
        var store = new SqliteAlertStore(database, new InProcessEventBus());
        await using var console = Console.OpenStandardOutput();
        for (var number = int.Parse(args[1], CultureInfo.InvariantCulture); ; number++)
        {
            await store.CommitAsync(BatchOf(number), CancellationToken.None);
            await console.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"A 0 {number}\n"));
            await console.FlushAsync();
        }
    }
}
