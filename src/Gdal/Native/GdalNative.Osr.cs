using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>ogr_srs_api.h and geodesic.h.</summary>
internal static unsafe partial class GdalNative
{
    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRNewSpatialReference(string? wkt);

    [LibraryImport(Gdal)]
    internal static partial nint OSRClone(nint srs);

    [LibraryImport(Gdal)]
    internal static partial void OSRRelease(nint srs);

    [LibraryImport(Gdal)]
    internal static partial int OSRImportFromEPSG(nint srs, int code);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OSRSetFromUserInput(nint srs, string text);

    [LibraryImport(Gdal)]
    internal static partial int OSRExportToWktEx(nint srs, nint* text, nint options);

    [LibraryImport(Gdal)]
    internal static partial int OSRExportToPROJJSON(nint srs, nint* text, nint options);

    [LibraryImport(Gdal)]
    internal static partial int OSRIsGeographic(nint srs);

    [LibraryImport(Gdal)]
    internal static partial int OSRIsProjected(nint srs);

    [LibraryImport(Gdal)]
    internal static partial int OSRIsLocal(nint srs);

    [LibraryImport(Gdal)]
    internal static partial int OSRIsSameEx(nint a, nint b, nint options);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRGetAuthorityName(nint srs, string? key);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRGetAuthorityCode(nint srs, string? key);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRGetAttrValue(nint srs, string name, int child);

    [LibraryImport(Gdal)]
    internal static partial nint OSRFindMatches(nint srs, nint options, int* count, int** confidences);

    [LibraryImport(Gdal)]
    internal static partial void OSRFreeSRSArray(nint array);

    [LibraryImport(Gdal)]
    internal static partial double OSRGetSemiMajor(nint srs, int* error);

    [LibraryImport(Gdal)]
    internal static partial double OSRGetInvFlattening(nint srs, int* error);

    [LibraryImport(Gdal)]
    internal static partial double OSRGetLinearUnits(nint srs, nint* name);

    [LibraryImport(Gdal)]
    internal static partial nint OSRGetName(nint srs);

    [LibraryImport(Gdal)]
    internal static partial int OSRGetAreaOfUse(nint srs, double* west, double* south, double* east, double* north, nint* name);

    [LibraryImport(Gdal)]
    internal static partial void OSRSetAxisMappingStrategy(nint srs, int strategy);

    [LibraryImport(Gdal)]
    internal static partial int* OSRGetDataAxisToSRSAxisMapping(nint srs, int* count);

    [LibraryImport(Gdal)]
    internal static partial nint OCTNewCoordinateTransformationOptions();

    [LibraryImport(Gdal)]
    internal static partial void OCTDestroyCoordinateTransformationOptions(nint options);

    [LibraryImport(Gdal)]
    internal static partial int OCTCoordinateTransformationOptionsSetAreaOfInterest(nint options, double west, double south, double east,
        double north);

    [LibraryImport(Gdal)]
    internal static partial int OCTCoordinateTransformationOptionsSetBallparkAllowed(nint options, int allowed);

    [LibraryImport(Gdal)]
    internal static partial int OCTCoordinateTransformationOptionsSetDesiredAccuracy(nint options, double metres);

    [LibraryImport(Gdal)]
    internal static partial nint OCTNewCoordinateTransformationEx(nint source, nint target, nint options);

    [LibraryImport(Gdal)]
    internal static partial nint OCTClone(nint transform);

    [LibraryImport(Gdal)]
    internal static partial void OCTDestroyCoordinateTransformation(nint transform);

    [LibraryImport(Gdal)]
    internal static partial int OCTTransformEx(nint transform, int count, double* x, double* y, double* z, int* success);

    [LibraryImport(Gdal)]
    internal static partial int OCTTransformBounds(nint transform, double xMin, double yMin, double xMax, double yMax,
        double* outXMin, double* outYMin, double* outXMax, double* outYMax, int densifyPoints);

    [LibraryImport(Proj)]
    internal static partial void geod_init(double* geodesic, double a, double f);

    [LibraryImport(Proj)]
    internal static partial void geod_inverse(double* geodesic, double lat1, double lon1, double lat2, double lon2, double* distance,
        double* azimuth1, double* azimuth2);

    [LibraryImport(Proj)]
    internal static partial void geod_direct(double* geodesic, double lat1, double lon1, double azimuth1, double distance, double* lat2,
        double* lon2, double* azimuth2);

    [LibraryImport(Proj)]
    internal static partial void geod_polygonarea(double* geodesic, double* latitudes, double* longitudes, int count, double* area,
        double* perimeter);
}
