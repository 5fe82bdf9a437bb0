using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace Monitoring.Storage.Tests.Child;

/// <summary>This test program started again as a child, with its lines as a stream. Not thread-safe.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private ChildProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    public int Id => _process.Id;

    /// <summary>Starts the child, through <paramref name="wrapper"/> (program and its arguments) when given.</summary>
    public static ChildProcess Start(IReadOnlyList<string> arguments, params IReadOnlyList<string> wrapper)
    {
        string[] command = [.. wrapper, Environment.ProcessPath is { } dotnet && Path.GetFileNameWithoutExtension(dotnet) == "dotnet" ? dotnet : "dotnet", typeof(ChildProcess).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException("The child did not start."));
    }

    /// <summary>The next line, or null when the child has ended and all it wrote is read.</summary>
    public async Task<ChildLine?> NextAsync(CancellationToken cancellationToken) =>
        await _lines.Reader.WaitToReadAsync(cancellationToken) && _lines.Reader.TryRead(out var line) ? ChildLine.Parse(line) : null;

    /// <summary>SIGKILL, without a word to the child; what it had written before is still read.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}

/// <summary>A line of the child; a line that a kill has cut is no line.</summary>
internal sealed record ChildLine(char Kind, int Sender, int Number)
{
    public static ChildLine? Parse(string line) =>
        line.Split(' ') is [{ Length: 1 } kind, var sender, var number]
            && int.TryParse(sender, NumberStyles.None, CultureInfo.InvariantCulture, out var s)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? new ChildLine(kind[0], s, n)
            : null;
}
