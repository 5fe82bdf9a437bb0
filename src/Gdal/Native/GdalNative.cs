using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>
/// The C functions as they are (gdal.h, cpl_*.h). Handles are plain pointers here; <see cref="GdalHandle"/> owns them above.
/// Functions whose return type changed between GDAL versions (void before 3.7, CPLErr after) are bound as void and judged
/// by the error handler.
/// </summary>
internal static unsafe partial class GdalNative
{
    internal const string Gdal = "gdal (resolved by GdalLibrary)";
    internal const string Proj = "proj (resolved by GdalLibrary)";

#pragma warning disable CA1810 // the resolver must stand before the first native call of this class
    static GdalNative() => NativeLibrary.SetDllImportResolver(typeof(GdalNative).Assembly, GdalLibrary.Resolve);
#pragma warning restore CA1810

    // cpl
    [LibraryImport(Gdal)]
    internal static partial void CPLSetErrorHandlerEx(nint handler, nint userData);

    [LibraryImport(Gdal)]
    internal static partial void CPLErrorReset();

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void CPLSetConfigOption(string key, string? value);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void CPLSetThreadLocalConfigOption(string key, string? value);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint CPLGetConfigOption(string key, string? fallback);

    [LibraryImport(Gdal)]
    internal static partial void CSLDestroy(nint list);

    [LibraryImport(Gdal)]
    internal static partial void VSIFree(nint memory);

    [LibraryImport(Gdal)]
    internal static partial nint VSIMalloc(nuint bytes);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint VSIFileFromMemBuffer(string path, nint data, ulong length, int takeOwnership);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint VSIGetMemFileBuffer(string path, ulong* length, int unlinkAndSeize);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint VSIFOpenL(string path, string access);

    [LibraryImport(Gdal)]
    internal static partial int VSIFSeekL(nint file, ulong offset, int whence);

    [LibraryImport(Gdal)]
    internal static partial nuint VSIFReadL(void* buffer, nuint size, nuint count, nint file);

    [LibraryImport(Gdal)]
    internal static partial int VSIFCloseL(nint file);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int VSIRmdirRecursive(string path);

    // library and drivers
    [LibraryImport(Gdal)]
    internal static partial void GDALAllRegister();

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALVersionInfo(string request);

    [LibraryImport(Gdal)]
    internal static partial long GDALGetCacheMax64();

    [LibraryImport(Gdal)]
    internal static partial void GDALSetCacheMax64(long bytes);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetDriverCount();

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetDriver(int index);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetDriverByName(string name);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetDriverShortName(nint driver);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALCreate(nint driver, string path, int width, int height, int bands, int type, nint options);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALCreateCopy(nint driver, string path, nint source, int strict, nint options, nint progress,
        nint progressArgument);

    // dataset
    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALOpenEx(string path, uint flags, nint allowedDrivers, nint openOptions, nint siblingFiles);

    [LibraryImport(Gdal)]
    internal static partial void GDALClose(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial void GDALFlushCache(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALFlushRasterCache(nint band);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetDatasetDriver(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetFileList(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetDescription(nint majorObject);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void GDALSetDescription(nint majorObject, string text);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetMetadata(nint majorObject, string? domain);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetMetadataDomainList(nint majorObject);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GDALSetMetadataItem(nint majorObject, string key, string? value, string? domain);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetMetadataItem(nint majorObject, string key, string? domain);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterXSize(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterYSize(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterCount(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetRasterBand(nint dataset, int band);

    [LibraryImport(Gdal)]
    internal static partial int GDALAddBand(nint dataset, int type, nint options);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetGeoTransform(nint dataset, double* six);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetGeoTransform(nint dataset, double* six);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetSpatialRef(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetSpatialRef(nint dataset, nint spatialReference);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetGCPCount(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetGCPs(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetGCPSpatialRef(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetGCPs2(nint dataset, int count, NativeGcp* points, nint spatialReference);

    [LibraryImport(Gdal)]
    internal static partial int GDALDatasetRasterIOEx(nint dataset, int write, int x, int y, int width, int height, void* buffer,
        int bufferWidth, int bufferHeight,
        int type, int bandCount, int* bands, long pixelSpace, long lineSpace, long bandSpace, RasterIoExtraArg* extra);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GDALBuildOverviews(nint dataset, string resampling, int count, int* levels, int bandCount, int* bands,
        nint progress, nint progressArgument);

    [LibraryImport(Gdal)]
    internal static partial int GDALCreateDatasetMaskBand(nint dataset, int flags);

    // band
    [LibraryImport(Gdal)]
    internal static partial int GDALRasterIOEx(nint band, int write, int x, int y, int width, int height, void* buffer, int bufferWidth,
        int bufferHeight,
        int type, long pixelSpace, long lineSpace, RasterIoExtraArg* extra);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterDataType(nint band);

    [LibraryImport(Gdal)]
    internal static partial void GDALGetBlockSize(nint band, int* width, int* height);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterBandXSize(nint band);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterBandYSize(nint band);

    [LibraryImport(Gdal)]
    internal static partial double GDALGetRasterNoDataValue(nint band, int* known);

    [LibraryImport(Gdal)]
    internal static partial long GDALGetRasterNoDataValueAsInt64(nint band, int* known);

    [LibraryImport(Gdal)]
    internal static partial ulong GDALGetRasterNoDataValueAsUInt64(nint band, int* known);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterNoDataValue(nint band, double value);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterNoDataValueAsInt64(nint band, long value);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterNoDataValueAsUInt64(nint band, ulong value);

    [LibraryImport(Gdal)]
    internal static partial int GDALDeleteRasterNoDataValue(nint band);

    [LibraryImport(Gdal)]
    internal static partial double GDALGetRasterScale(nint band, int* known);

    [LibraryImport(Gdal)]
    internal static partial double GDALGetRasterOffset(nint band, int* known);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterScale(nint band, double scale);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterOffset(nint band, double offset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetRasterUnitType(nint band);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GDALSetRasterUnitType(nint band, string unit);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetRasterColorInterpretation(nint band);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterColorInterpretation(nint band, int interpretation);

    [LibraryImport(Gdal)]
    internal static partial nint GDALCreateColorTable(int interpretation);

    [LibraryImport(Gdal)]
    internal static partial void GDALDestroyColorTable(nint table);

    [LibraryImport(Gdal)]
    internal static partial void GDALSetColorEntry(nint table, int index, short* rgba);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetColorEntryCount(nint table);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetColorEntryAsRGB(nint table, int index, short* rgba);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetRasterColorTable(nint band);

    [LibraryImport(Gdal)]
    internal static partial int GDALSetRasterColorTable(nint band, nint table);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetOverviewCount(nint band);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetOverview(nint band, int index);

    [LibraryImport(Gdal)]
    internal static partial nint GDALGetMaskBand(nint band);

    [LibraryImport(Gdal)]
    internal static partial int GDALGetMaskFlags(nint band);

    // algorithms
    [LibraryImport(Gdal)]
    internal static partial int GDALPolygonize(nint band, nint mask, nint layer, int field, nint options, nint progress,
        nint progressArgument);

    [LibraryImport(Gdal)]
    internal static partial int GDALSieveFilter(nint band, nint mask, nint target, int threshold, int connectedness, nint options,
        nint progress, nint progressArgument);

    [LibraryImport(Gdal)]
    internal static partial int GDALRasterizeGeometries(nint dataset, int bandCount, int* bands, int geometryCount, nint* geometries,
        nint transformer, nint transformerArgument,
        double* values, nint options, nint progress, nint progressArgument);

    [LibraryImport(Gdal)]
    internal static partial nint GDALWarpAppOptionsNew(nint arguments, nint forBinary);

    [LibraryImport(Gdal)]
    internal static partial void GDALWarpAppOptionsFree(nint options);

    [LibraryImport(Gdal)]
    internal static partial void GDALWarpAppOptionsSetProgress(nint options, nint progress, nint progressArgument);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALWarp(string? path, nint target, int sourceCount, nint* sources, nint options, int* usageError);

    [LibraryImport(Gdal)]
    internal static partial nint GDALTranslateOptionsNew(nint arguments, nint forBinary);

    [LibraryImport(Gdal)]
    internal static partial void GDALTranslateOptionsFree(nint options);

    [LibraryImport(Gdal)]
    internal static partial void GDALTranslateOptionsSetProgress(nint options, nint progress, nint progressArgument);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALTranslate(string path, nint source, nint options, int* usageError);

    [LibraryImport(Gdal)]
    internal static partial nint GDALBuildVRTOptionsNew(nint arguments, nint forBinary);

    [LibraryImport(Gdal)]
    internal static partial void GDALBuildVRTOptionsFree(nint options);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALBuildVRT(string path, int count, nint* sources, nint names, nint options, int* usageError);
}

/// <summary>GDALRasterIOExtraArg, version 1 (every GDAL 3 reads it).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RasterIoExtraArg
{
    internal int Version;
    internal int Resampling;
    internal nint Progress;
    internal nint ProgressArgument;
    internal int FractionalWindow;
    internal double X;
    internal double Y;
    internal double Width;
    internal double Height;
}

/// <summary>GDAL_GCP.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeGcp
{
    internal nint Id;
    internal nint Info;
    internal double Pixel;
    internal double Line;
    internal double X;
    internal double Y;
    internal double Z;
}
