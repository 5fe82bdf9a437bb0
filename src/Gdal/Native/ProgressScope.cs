using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>
/// Carries a progress sink and a cancellation token through a native call. An exception of the sink stops the call and is
/// rethrown afterwards: it must not cross native frames.
/// </summary>
internal sealed unsafe class ProgressScope : IDisposable
{
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellation;
    private GCHandle _self;
    private ExceptionDispatchInfo? _thrown;

    internal ProgressScope(IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _progress = progress;
        _cancellation = cancellation;
        if (progress is not null || cancellation.CanBeCanceled)
            _self = GCHandle.Alloc(this);
    }

    internal nint Function => _self.IsAllocated ? (nint)(delegate* unmanaged[Cdecl]<double, byte*, nint, int>)&OnProgress : 0;

    internal nint Argument => _self.IsAllocated ? GCHandle.ToIntPtr(_self) : 0;

    /// <summary>Call after the native call whether it failed or not: an interruption outranks GDAL's "user terminated".</summary>
    internal void ThrowIfInterrupted(bool failed)
    {
        _thrown?.Throw();
        if (failed)
            _cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        if (_self.IsAllocated)
            _self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnProgress(double fraction, byte* message, nint argument)
    {
        if (GCHandle.FromIntPtr(argument).Target is not ProgressScope scope || scope._thrown is not null
            || scope._cancellation.IsCancellationRequested)
            return 0;
        try
        {
            scope._progress?.Report(fraction);
            return scope._cancellation.IsCancellationRequested ? 0 : 1; // the sink itself may have cancelled
        }
#pragma warning disable CA1031 // any exception is kept and rethrown by ThrowIfInterrupted: it may not cross native frames
        catch (Exception e)
#pragma warning restore CA1031
        {
            scope._thrown = ExceptionDispatchInfo.Capture(e);
            return 0;
        }
    }
}
