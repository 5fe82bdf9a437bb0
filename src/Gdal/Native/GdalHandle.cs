using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>Base of all owned native objects: closed once, never while a call is inside, never used by two threads at once.</summary>
internal abstract class GdalHandle : SafeHandle
{
    private readonly UsageGuard _guard;

    protected GdalHandle(nint pointer, UsageGuard guard) : base(0, true)
    {
        _guard = guard;
        SetHandle(pointer);
    }

    public override bool IsInvalid => handle == 0;

    internal UsageGuard Guard => _guard;

    /// <summary>Pins the object for a call. Throws <see cref="ObjectDisposedException"/> after disposal.</summary>
    internal Lease Use() => new(this);

    /// <summary>As <see cref="Use"/>, for several at once: each must be followed by <see cref="Leave"/>.</summary>
    internal nint Enter()
    {
        var added = false;
        DangerousAddRef(ref added);
        try
        {
            _guard.Enter();
        }
        catch
        {
            DangerousRelease();
            throw;
        }
        return handle;
    }

    internal void Leave()
    {
        _guard.Exit();
        DangerousRelease();
    }

    internal readonly ref struct Lease
    {
        private readonly GdalHandle _owner;

        internal Lease(GdalHandle owner)
        {
            Pointer = owner.Enter();
            _owner = owner;
        }

        internal nint Pointer { get; }

        public void Dispose() => _owner.Leave();
    }
}

/// <summary>
/// A <c>GDALDatasetH</c>. Keeps the datasets it reads from alive (a warped VRT reads its source lazily) and takes their
/// guards with its own, so that a VRT and its sources count as one object.
/// </summary>
internal sealed class DatasetHandle : GdalHandle
{
    private readonly DatasetHandle[] _sources;

    internal DatasetHandle(nint pointer, params DatasetHandle[] sources)
        : base(pointer, new UsageGuard(sources.Select(static s => s.Guard).Distinct().ToArray()))
    {
        _sources = sources;
        foreach (var source in _sources)
        {
            var added = false;
            source.DangerousAddRef(ref added);
        }
    }

    /// <summary>What GDAL said when the dataset was closed, if that failed (unwritten data is lost then).</summary>
    internal GdalException? CloseFailure { get; private set; }

    protected override bool ReleaseHandle()
    {
        Errors.Begin();
        GdalNative.GDALClose(handle);
        if (Errors.Failed)
            CloseFailure = Errors.Exception("write and close the dataset");
        foreach (var source in _sources)
            source.DangerousRelease();
        return true;
    }
}

internal sealed class SpatialReferenceHandle(nint pointer) : GdalHandle(pointer, new UsageGuard())
{
    protected override bool ReleaseHandle()
    {
        GdalNative.OSRRelease(handle);
        return true;
    }
}

internal sealed class TransformHandle(nint pointer) : GdalHandle(pointer, new UsageGuard())
{
    protected override bool ReleaseHandle()
    {
        GdalNative.OCTDestroyCoordinateTransformation(handle);
        return true;
    }
}
