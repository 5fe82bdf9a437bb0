using System.Diagnostics.CodeAnalysis;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// What raster and vector datasets have in common: an open GDAL dataset.
/// </summary>
/// <remarks>
/// <b>Threads.</b> A dataset, all that comes from it (layers, readers) and all datasets built on it (virtual warps, VRTs) may be
/// used by one thread at a time; use by two at once throws <see cref="InvalidOperationException"/>. Different datasets, also of
/// the same file, may be used in parallel. <b>Closing.</b> Data written may reach the disk only when the dataset is disposed;
/// disposing one open for writing throws <see cref="GdalException"/> when that fails. After disposal every member throws
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public abstract class GdalDataset : IDisposable
{
    private protected GdalDataset(DatasetHandle handle, string path, bool writable)
    {
        Handle = handle;
        Path = path;
        Writable = writable;
    }

    /// <summary>The name it was opened or created by.</summary>
    public string Path { get; }

    /// <summary>Opened for update, or created.</summary>
    public bool Writable { get; }

    /// <summary>Short name of the driver, such as <c>GTiff</c>.</summary>
    public string Driver
    {
        get
        {
            using var use = Handle.Use();
            return Text.Read(GdalNative.GDALGetDriverShortName(GdalNative.GDALGetDatasetDriver(use.Pointer))) ?? "";
        }
    }

    /// <summary>The files the dataset is made of, as far as GDAL knows.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            using var use = Handle.Use();
            var list = GdalNative.GDALGetFileList(use.Pointer);
            var files = NativeStringList.Read(list);
            GdalNative.CSLDestroy(list);
            return files;
        }
    }

    /// <summary>Names of the metadata domains; "" is the default one.</summary>
    public IReadOnlyList<string> MetadataDomains
    {
        get
        {
            using var use = Handle.Use();
            var list = GdalNative.GDALGetMetadataDomainList(use.Pointer);
            var names = NativeStringList.Read(list);
            GdalNative.CSLDestroy(list);
            return names;
        }
    }

    /// <summary>The metadata items of a domain ("" = default); empty when there is no such domain. Keys compare without case.</summary>
    public IReadOnlyDictionary<string, string> Metadata(string domain = "")
    {
        using var use = Handle.Use();
        return NativeStringList.ReadPairs(GdalNative.GDALGetMetadata(use.Pointer, domain.Length == 0 ? null : Text.NoNul(domain)));
    }

    /// <summary>Sets one metadata item; a null value removes it.</summary>
    public void SetMetadata(string key, string? value, string domain = "")
    {
        using var use = Handle.Use();
        Errors.Begin();
        if (GdalNative.GDALSetMetadataItem(use.Pointer, Text.NoNul(key), value is null ? null : Text.NoNul(value),
            domain.Length == 0 ? null : Text.NoNul(domain)) > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"set the metadata item \"{key}\" of \"{Path}\"");
    }

    /// <summary>Writes what is buffered to the file.</summary>
    /// <exception cref="GdalException">The disk is full, and the like.</exception>
    public void Flush()
    {
        using var use = Handle.Use();
        Errors.Begin();
        GdalNative.GDALFlushCache(use.Pointer);
        Errors.ThrowIfFailed($"write \"{Path}\"");
    }

    /// <summary>Closes the dataset. Does nothing the second time.</summary>
    /// <exception cref="GdalException">It was open for writing and its last data could not be written.</exception>
    [SuppressMessage("Design", "CA1063", Justification = "Nothing native is owned but by the handle, which has its own finalizer.")]
    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        Release();
        Handle.Dispose();
        GC.SuppressFinalize(this);
        if (Writable && Handle.CloseFailure is { } failure)
            throw failure;
    }

    /// <summary>Lets go of what a kind of dataset holds besides GDAL's own; once.</summary>
    private protected virtual void Release()
    {
    }

    private protected static string Describe(string path) => $"open \"{path}\"";

    private protected static DatasetHandle OpenHandle(string path, DatasetOpenOptions options, uint kind)
    {
        GdalLibrary.Initialize();
        Text.NoNul(path);
        const uint update = 0x01, verbose = 0x40;
        using var drivers = new NativeStringList(options.AllowedDrivers);
        using var open = new NativeStringList(options.OpenOptions);
        // A list that holds only the file itself says "there is nothing beside it"; an empty list would mean "look yourself".
        using var siblings = new NativeStringList(options.IgnoreSiblingFiles ? [System.IO.Path.GetFileName(path), .. options.Siblings] : null);
        Errors.Begin();
        var flags = kind | verbose | (options.Update ? update : 0);
        var dataset = GdalNative.GDALOpenEx(path, flags, drivers.Pointer, open.Pointer, siblings.Pointer);
        return dataset != 0 ? new DatasetHandle(dataset) : throw Errors.Exception(Describe(path));
    }

    internal DatasetHandle Handle { get; }
}
