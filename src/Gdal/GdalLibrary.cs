using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// Finds and starts libgdal. Every other type of this room starts it by itself on first use; a program calls
/// <see cref="Initialize"/> early only to fail early. All members are thread-safe.
/// </summary>
/// <remarks>
/// The environment variable <c>GDAL_LIBRARY</c> names the file to load, and then only that is tried; otherwise the loader's
/// search path is tried for <c>libgdal.so</c> and <c>libgdal.so.60</c> down to <c>libgdal.so.32</c> (GDAL 3.6). libproj is the one libgdal
/// itself is linked to; only when that exports nothing are <c>libproj.so.25</c> and newer tried.
/// </remarks>
public static unsafe class GdalLibrary
{
    /// <summary>The name of the environment variable that names the library file.</summary>
    public const string PathVariable = "GDAL_LIBRARY";

    private const int OldestGdal = 32;
    private const int NewestGdal = 60;
    private const int OldestProj = 25;
    private const int NewestProj = 40;
    private const long DefaultCacheBytes = 256L << 20;

    /// <summary>Seconds to connect; seconds, and bytes a second, below which a transfer counts as silent.</summary>
    private static readonly (string Key, string Value)[] RemotePatience = [("GDAL_HTTP_CONNECTTIMEOUT", "10"), ("GDAL_HTTP_LOW_SPEED_TIME", "30"), ("GDAL_HTTP_LOW_SPEED_LIMIT", "1000")];

    private static readonly Lock Gate = new();
    private static volatile bool _ready;
    private static nint _gdal;
    private static nint _proj;
    private static string _loadedFrom = "";
    private static FrozenDrivers? _drivers;

    /// <summary>Loads and registers GDAL once; later calls cost a flag.</summary>
    /// <exception cref="GdalMissingException">The library is not there; the message says how to mend it.</exception>
    public static void Initialize()
    {
        if (_ready)
            return;
        lock (Gate)
        {
            if (_ready)
                return;
            LoadGdal();
            NativeHeap.KeepBlocks();
            GdalNative.CPLSetErrorHandlerEx((nint)(delegate* unmanaged[Cdecl]<int, int, byte*, void>)&Errors.OnError, 0);
            GdalNative.GDALAllRegister();
            if (GdalNative.CPLGetConfigOption("GDAL_CACHEMAX", null) == 0)
                GdalNative.GDALSetCacheMax64(Math.Min(GdalNative.GDALGetCacheMax64(), DefaultCacheBytes));

            // A host that falls silent must not hold a reader for ever, whoever reads there first; what the operator set stays.
            foreach (var (key, value) in RemotePatience)
            {
                if (GdalNative.CPLGetConfigOption(Text.NoNul(key), null) == 0)
                    GdalNative.CPLSetConfigOption(Text.NoNul(key), Text.NoNul(value));
            }

            _ready = true;
        }
    }

    /// <summary>Release number such as <c>3.6.2</c>.</summary>
    public static string Version
    {
        get
        {
            Initialize();
            return Text.Read(GdalNative.GDALVersionInfo("RELEASE_NAME")) ?? "";
        }
    }

    /// <summary>Version as one number: 3060200 is 3.6.2.</summary>
    public static int VersionNumber
    {
        get
        {
            Initialize();
            return int.Parse(Text.Read(GdalNative.GDALVersionInfo("VERSION_NUM")) ?? "0", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The name or path the library was loaded by.</summary>
    public static string LoadedFrom
    {
        get
        {
            Initialize();
            return _loadedFrom;
        }
    }

    /// <summary>Short names of the registered drivers, such as <c>GTiff</c>.</summary>
    public static IReadOnlyCollection<string> Drivers
    {
        get
        {
            Initialize();
            return (_drivers ??= FrozenDrivers.List()).Names;
        }
    }

    /// <summary>Whether the driver is in this build of GDAL; names are compared without case.</summary>
    public static bool HasDriver(string shortName)
    {
        Initialize();
        return GdalNative.GDALGetDriverByName(Text.NoNul(shortName)) != 0;
    }

    /// <summary>Upper bound of GDAL's block cache for the whole process, in bytes. 256 MiB unless <c>GDAL_CACHEMAX</c> is set; GDAL's own default is 5 % of the memory.</summary>
    public static long CacheLimitBytes
    {
        get
        {
            Initialize();
            return GdalNative.GDALGetCacheMax64();
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Initialize();
            GdalNative.GDALSetCacheMax64(value);
        }
    }

    /// <summary>Sets a GDAL configuration option (such as <c>GDAL_NUM_THREADS</c>) for the whole process; <c>null</c> unsets it.</summary>
    public static void SetOption(string key, string? value)
    {
        Initialize();
        GdalNative.CPLSetConfigOption(Text.NoNul(key), value is null ? null : Text.NoNul(value));
    }

    /// <summary>The option's value in this process, or <c>null</c>.</summary>
    public static string? GetOption(string key)
    {
        Initialize();
        return Text.Read(GdalNative.CPLGetConfigOption(Text.NoNul(key), null));
    }

    internal static nint Driver(string shortName)
    {
        Initialize();
        var driver = GdalNative.GDALGetDriverByName(Text.NoNul(shortName));
        return driver != 0 ? driver : throw new NotSupportedException($"This build of GDAL ({Version}) has no driver \"{shortName}\".");
    }

    /// <summary>Called by the runtime for the first native call into each of our two libraries.</summary>
    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => name switch
    {
        GdalNative.Gdal => LoadGdal(),
        GdalNative.Proj => LoadProj(),
        _ => 0,
    };

    private static nint LoadGdal()
    {
        lock (Gate)
        {
            if (_gdal != 0)
                return _gdal;
            var path = Environment.GetEnvironmentVariable(PathVariable);
            if (!string.IsNullOrWhiteSpace(path))
            {
                if (!NativeLibrary.TryLoad(path, out _gdal))
                    throw new GdalMissingException($"GDAL could not be loaded from \"{path}\", which the environment variable {PathVariable} names: "
                        + "point it to a libgdal.so, or unset it and run `apt-get install libgdal32` (on newer systems the package is called `libgdal34` or higher).");
                _loadedFrom = path;
                return _gdal;
            }
            foreach (var name in Names("libgdal.so", OldestGdal, NewestGdal))
                if (NativeLibrary.TryLoad(name, out _gdal))
                {
                    _loadedFrom = name;
                    return _gdal;
                }
            throw new GdalMissingException($"GDAL is not installed (tried libgdal.so and libgdal.so.{OldestGdal} to libgdal.so.{NewestGdal}): "
                + $"run `apt-get install libgdal32` (on newer systems the package is called `libgdal34` or higher), or set the environment variable {PathVariable} to the library's path.");
        }
    }

    /// <summary>A function of libgdal or of a library that it is linked to; 0 where there is none of this name.</summary>
    internal static nint ExportOf(string name) => NativeLibrary.TryGetExport(LoadGdal(), name, out var export) ? export : 0;

    private static nint LoadProj()
    {
        lock (Gate)
        {
            if (_proj != 0)
                return _proj;
            // Looking a name up in libgdal also searches the libraries it is linked to: that is the PROJ that GDAL itself uses.
            var gdal = LoadGdal();
            if (NativeLibrary.TryGetExport(gdal, "geod_polygonarea", out _))
                return _proj = gdal;
            foreach (var name in Names("libproj.so", OldestProj, NewestProj))
                if (NativeLibrary.TryLoad(name, out _proj))
                    return _proj;
            throw new GdalMissingException($"PROJ is not installed (tried what {_loadedFrom} brings, libproj.so and libproj.so.{OldestProj} "
                + $"to libproj.so.{NewestProj}): run `apt-get install libproj25` or a newer one.");
        }
    }

    private static IEnumerable<string> Names(string stem, int oldest, int newest)
    {
        yield return stem;
        for (var version = newest; version >= oldest; version--)
            yield return string.Create(CultureInfo.InvariantCulture, $"{stem}.{version}");
    }

    private sealed record FrozenDrivers(IReadOnlyCollection<string> Names)
    {
        internal static FrozenDrivers List() => new(Enumerable.Range(0, GdalNative.GDALGetDriverCount())
            .Select(static i => Text.Read(GdalNative.GDALGetDriverShortName(GdalNative.GDALGetDriver(i))) ?? "").ToArray());
    }
}
