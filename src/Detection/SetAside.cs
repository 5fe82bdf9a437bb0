using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection;

/// <summary>
/// Counts how often a consumer failed at the same item. An item that fails again and again is set aside: told as an error, put on the
/// audit trail as <c>detection.set-aside</c>, and passed over, so that it does not hold up all that comes behind it.
/// </summary>
/// <remarks>Failures of stores are nobody's fault and are not counted. Not thread-safe.</remarks>
internal sealed partial class SetAside(string consumer, IAuditTrail audit, TimeProvider clock, ILogger log)
{
    /// <summary>Failures after which an item is set aside.</summary>
    public const int Most = 5;

    // More than this are not kept apart; nothing is lost but a count.
    private const int Remembered = 1000;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _aside = new(StringComparer.Ordinal);

    /// <summary>Whether a failure lies with the item and not with a store, the disk, or the wish to stop.</summary>
    public static bool IsOfTheItem(Exception problem) =>
        problem is not (OperationCanceledException or StoreUnavailableException or DbException or IOException or UnauthorizedAccessException or OutOfMemoryException or ItemFailedException);

    /// <summary>Whether the item was set aside and is to be passed over.</summary>
    public bool Holds(string item) => _aside.Contains(item);

    /// <summary>Does a step for an item; what goes wrong in it is the item's, unless it is a store's.</summary>
    /// <exception cref="ItemFailedException">The item failed.</exception>
    public static T Do<T>(string item, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception problem) when (IsOfTheItem(problem))
        {
            throw new ItemFailedException(item, problem);
        }
    }

    /// <summary>Counts a failure, and sets the item aside when it was one too many.</summary>
    public async Task CountAsync(ItemFailedException failed, CancellationToken cancellationToken)
    {
        if (_failures.Count >= Remembered)
        {
            _failures.Clear();
        }

        var count = _failures[failed.Item] = _failures.GetValueOrDefault(failed.Item) + 1;
        if (count < Most)
        {
            return;
        }

        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["consumer"] = consumer,
            ["problem"] = $"{failed.InnerException!.GetType().Name}: {failed.InnerException.Message}",
            ["tries"] = count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        await audit.AppendAsync(new AuditEntry(clock.GetUtcNow(), "system", "detection.set-aside", failed.Item, JsonSerializer.Serialize(details, Plain)), cancellationToken);
        Told(log, consumer, failed.Item, count, failed.InnerException);
        if (_aside.Count >= Remembered)
        {
            _aside.Clear();
        }

        _aside.Add(failed.Item);
        _failures.Remove(failed.Item);
    }

    [LoggerMessage(3031, LogLevel.Error, "{Consumer} failed {Count} times at {Item} and sets it aside: what it would have said is missing. Mend its data or report this error, then import or deliver it again")]
    private static partial void Told(ILogger log, string consumer, string item, int count, Exception exception);
}

/// <summary>A step failed because of one item; the inner exception says how.</summary>
internal sealed class ItemFailedException(string item, Exception problem) : Exception($"{item}: {problem.Message}", problem)
{
    public string Item => item;
}
