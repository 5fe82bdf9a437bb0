namespace Monitoring.Gdal;

/// <summary>Severity of a GDAL message; the numbers are GDAL's own (<c>CPLErr</c>).</summary>
public enum GdalErrorClass
{
    None = 0,
    Debug = 1,
    Warning = 2,
    Failure = 3,
    Fatal = 4,
}

/// <summary>One message GDAL raised, in its own words.</summary>
/// <param name="Class">Severity.</param>
/// <param name="Number">GDAL's error number (<c>CPLE_*</c>: 1 general, 2 memory, 3 file I/O, 4 open failed, 5 bad argument, 6 unsupported,
/// 9 interrupted).</param>
/// <param name="Text">GDAL's text, cut at 2000 characters.</param>
public sealed record GdalMessage(GdalErrorClass Class, int Number, string Text);

/// <summary>
/// A GDAL, OGR or PROJ call failed. The message says what was being done and carries GDAL's own text, so that it can be
/// shown to a user as it is. Bad files, bad CRS text and unsupported formats end here; a missing library does not
/// (<see cref="GdalMissingException"/>), nor does an interrupted call (<see cref="OperationCanceledException"/>).
/// </summary>
public sealed class GdalException : Exception
{
    internal GdalException(string operation, IReadOnlyList<GdalMessage> messages, string message) : base(message)
    {
        Operation = operation;
        Messages = messages;
    }

    /// <summary>What was being done, such as <c>open "a.tif"</c>.</summary>
    public string Operation { get; }

    /// <summary>Whether a file was being made or written: the disk is to blame, not what was read.</summary>
    public bool IsOfWriting => Operation.StartsWith("write", StringComparison.Ordinal) || Operation.StartsWith("create", StringComparison.Ordinal);

    /// <summary>Everything GDAL said during the call, oldest first, warnings included; at most 16, maybe none.</summary>
    public IReadOnlyList<GdalMessage> Messages { get; }

    /// <summary>Number of the last failure (<c>CPLE_*</c>), 0 when GDAL gave no reason.</summary>
    public int ErrorNumber => LastFailure?.Number ?? 0;

    /// <summary>Class of the last failure; <see cref="GdalErrorClass.Failure"/> when GDAL gave no reason.</summary>
    public GdalErrorClass ErrorClass => LastFailure?.Class ?? GdalErrorClass.Failure;

    private GdalMessage? LastFailure => Messages.LastOrDefault(static m => m.Class >= GdalErrorClass.Failure);
}
