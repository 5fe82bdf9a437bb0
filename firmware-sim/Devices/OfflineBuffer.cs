using System.Globalization;
using System.Text;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>A message as it waits to be acknowledged.</summary>
/// <param name="Sequence">The device's own counter: 1, 2, 3, … without holes.</param>
/// <param name="Payload">The bytes to publish; the same however often they are sent.</param>
public sealed record BufferedMessage(long Sequence, byte[] Payload);

/// <summary>
/// What a device has produced and nobody has acknowledged yet, oldest first. Bounded: when full, the oldest message is lost and
/// counted, as in a real device with a full flash. Balance: appended = acknowledged + lost + waiting. With a file, what waits
/// survives the process: each change is appended as a line and the file is rewritten when it has grown; it is not synced, so a
/// power cut may lose its tail. Not thread safe.
/// </summary>
public sealed class OfflineBuffer : IDisposable
{
    private readonly LinkedList<BufferedMessage> _waiting = [];
    private readonly int _capacity;
    private readonly string? _path;
    private StreamWriter? _log;
    private int _lines;

    /// <param name="capacity">Messages, at least 1.</param>
    /// <param name="path">File that outlives the process; null for memory only.</param>
    public OfflineBuffer(int capacity, string? path = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _path = path;
        if (path is null) return;
        if (File.Exists(path)) Load(path);
        Rewrite();
    }

    public int Count => _waiting.Count;

    public long Appended { get; private set; }

    public long Acknowledged { get; private set; }

    public long Lost { get; private set; }

    /// <summary>The sequence number that the next message will get.</summary>
    public long NextSequence { get; private set; } = 1;

    /// <summary>The time up to which observations are in messages; null for a device that never ran.</summary>
    public DateTimeOffset? ProducedThrough { get; private set; }

    /// <summary>The oldest messages that wait, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<BufferedMessage> Peek(int count) => [.. _waiting.Take(count)];

    /// <summary>Appends a message; <paramref name="build"/> is given its sequence number.</summary>
    public void Append(Func<long, byte[]> build, DateTimeOffset producedThrough)
    {
        ArgumentNullException.ThrowIfNull(build);
        var message = new BufferedMessage(NextSequence, build(NextSequence));
        NextSequence++;
        Appended++;
        if (_waiting.Count == _capacity)
        {
            Log($"- {_waiting.First!.Value.Sequence}");
            _waiting.RemoveFirst();
            Lost++;
        }

        _waiting.AddLast(message);
        ProducedThrough = producedThrough;
        Log(Line(message));
    }

    /// <summary>Notes that there was nothing to say up to a time.</summary>
    public void Pass(DateTimeOffset producedThrough) => ProducedThrough = producedThrough;

    /// <summary>Drops a message that was acknowledged. False when it does not wait (any more).</summary>
    public bool Acknowledge(long sequence)
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (node.Value.Sequence != sequence) continue;
            _waiting.Remove(node);
            Acknowledged++;
            Log($"- {sequence}");
            return true;
        }

        return false;
    }

    public void Dispose()
    {
        if (_path is not null) Rewrite();
        _log?.Dispose();
        _log = null;
    }

    private string Line(BufferedMessage m) =>
        string.Create(CultureInfo.InvariantCulture, $"+ {m.Sequence} {ProducedThrough:O} {Encoding.UTF8.GetString(m.Payload)}");

    private void Log(string line)
    {
        if (_log is null) return;
        _log.WriteLine(line);
        _log.Flush();
        if (++_lines > 4 * _capacity + 1000) Rewrite();
    }

    private void Load(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            var parts = line.Split(' ', 4);
            // A torn last line of a killed process is no message: the observations are produced again from the time before it.
            if (parts.Length < 2 || !long.TryParse(parts[1], CultureInfo.InvariantCulture, out var sequence)) continue;
            switch (parts[0])
            {
                case "=" when parts.Length >= 3 && Time(parts[2]) is { } time:
                    NextSequence = sequence;
                    ProducedThrough = time;
                    break;
                case "+" when parts.Length == 4 && Time(parts[2]) is { } time && parts[3].EndsWith('}'):
                    _waiting.AddLast(new BufferedMessage(sequence, Encoding.UTF8.GetBytes(parts[3])));
                    NextSequence = Math.Max(NextSequence, sequence + 1);
                    ProducedThrough = ProducedThrough > time ? ProducedThrough : time;
                    break;
                case "-":
                    for (var node = _waiting.First; node is not null; node = node.Next)
                        if (node.Value.Sequence == sequence)
                        {
                            _waiting.Remove(node);
                            break;
                        }

                    break;
                default:
                    break;
            }
        }

        Appended = _waiting.Count;
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private void Rewrite()
    {
        _log?.Dispose();
        var part = _path! + ".part";
        using (var writer = new StreamWriter(part))
        {
            if (ProducedThrough is { } time) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"= {NextSequence} {time:O}"));
            foreach (var m in _waiting) writer.WriteLine(Line(m));
        }

        File.Move(part, _path!, true);
        _lines = _waiting.Count + 1;
        _log = new StreamWriter(_path!, append: true);
    }
}
