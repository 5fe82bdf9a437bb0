using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>
/// Collects what GDAL says while a call runs. GDAL calls its handler on the thread that raised the error, so a thread-static
/// list is exact for the calling thread; messages of GDAL's own worker threads go to one shared slot, used only when the
/// calling thread got no text.
/// </summary>
internal static unsafe class Errors
{
    private const int MaxMessages = 16;
    private const int MaxTextLength = 2000;

    [ThreadStatic]
    private static List<GdalMessage>? _messages;

    private static GdalMessage? _fromWorker;

    /// <summary>Must be called before each native call whose failure matters: forgets the messages of earlier calls.</summary>
    internal static void Begin()
    {
        (_messages ??= new List<GdalMessage>(MaxMessages)).Clear();
        GdalNative.CPLErrorReset();
    }

    /// <summary>The handler given to GDAL. Never throws: an exception must not cross native frames.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnError(int errorClass, int number, byte* text)
    {
        if (errorClass < (int)GdalErrorClass.Warning)
            return;
        var words = Marshal.PtrToStringUTF8((nint)text) ?? "";
        if (words.Length > MaxTextLength)
            words = words[..MaxTextLength];
        var message = new GdalMessage((GdalErrorClass)errorClass, number, words.Trim());
        if (_messages is not { } list)
            Volatile.Write(ref _fromWorker, message);
        else if (list.Count < MaxMessages)
            list.Add(message);
        else
            list[^1] = message; // the last message is the most telling: keep it and lose the one before
    }

    /// <summary>True when GDAL reported a failure since <see cref="Begin"/> on this thread.</summary>
    internal static bool Failed => _messages is { } list && list.Exists(static m => m.Class >= GdalErrorClass.Failure);

    internal static void ThrowIfFailed(string operation)
    {
        if (Failed)
            throw Exception(operation);
    }

    /// <summary>Builds the exception for a call that failed. A fresh copy of the messages, so it stays valid.</summary>
    internal static GdalException Exception(string operation)
    {
        var messages = _messages is { Count: > 0 } list ? list.ToArray() : [];
        var failures = messages.Where(static m => m.Class >= GdalErrorClass.Failure).Select(static m => m.Text)
            .Where(static t => t.Length > 0).Distinct().ToArray();
        if (failures.Length == 0 && Interlocked.Exchange(ref _fromWorker, null) is { } worker)
        {
            messages = [.. messages, worker];
            failures = [worker.Text];
        }
        if (failures.Length == 0)
            failures = messages.Select(static m => m.Text).Distinct().ToArray();
        var why = failures.Length == 0 ? "GDAL gave no reason" : string.Join("; ", failures);
        return new GdalException(operation, messages, $"Could not {operation}: {why}");
    }

    /// <summary>OGR functions return codes; this names the ones that come without a message.</summary>
    internal static void Check(int ogrError, string operation)
    {
        if (ogrError == 0)
            return;
        if (!Failed)
            (_messages ??= []).Add(new GdalMessage(GdalErrorClass.Failure, 1, ogrError switch
            {
                1 => "not enough data",
                2 => "not enough memory",
                3 => "unsupported geometry type",
                4 => "unsupported operation",
                5 => "corrupt data",
                6 => "OGR failure without a reason",
                7 => "unsupported spatial reference",
                8 => "invalid handle",
                9 => "feature does not exist",
                _ => $"OGR error {ogrError}",
            }));
        throw Exception(operation);
    }
}
