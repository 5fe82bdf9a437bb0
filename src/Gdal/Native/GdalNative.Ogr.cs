using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>ogr_api.h and the vector part of gdal.h.</summary>
internal static unsafe partial class GdalNative
{
    [LibraryImport(Gdal)]
    internal static partial int GDALDatasetGetLayerCount(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial nint GDALDatasetGetLayer(nint dataset, int index);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALDatasetGetLayerByName(nint dataset, string name);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALDatasetCreateLayer(nint dataset, string name, nint srs, uint geometryType, nint options);

    [LibraryImport(Gdal)]
    internal static partial int GDALDatasetStartTransaction(nint dataset, int force);

    [LibraryImport(Gdal)]
    internal static partial int GDALDatasetCommitTransaction(nint dataset);

    [LibraryImport(Gdal)]
    internal static partial int GDALDatasetRollbackTransaction(nint dataset);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GDALDatasetTestCapability(nint dataset, string capability);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_L_GetName(nint layer);

    [LibraryImport(Gdal)]
    internal static partial uint OGR_L_GetGeomType(nint layer);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_L_GetSpatialRef(nint layer);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_L_GetLayerDefn(nint layer);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_L_GetFIDColumn(nint layer);

    [LibraryImport(Gdal)]
    internal static partial long OGR_L_GetFeatureCount(nint layer, int force);

    [LibraryImport(Gdal)]
    internal static partial int OGR_L_GetExtent(nint layer, double* minXmaxXminYmaxY, int force);

    [LibraryImport(Gdal)]
    internal static partial void OGR_L_ResetReading(nint layer);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_L_GetNextFeature(nint layer);

    [LibraryImport(Gdal)]
    internal static partial void OGR_L_SetSpatialFilterRect(nint layer, double minX, double minY, double maxX, double maxY);

    [LibraryImport(Gdal)]
    internal static partial void OGR_L_SetSpatialFilter(nint layer, nint geometry);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OGR_L_SetAttributeFilter(nint layer, string? query);

    [LibraryImport(Gdal)]
    internal static partial int OGR_L_CreateField(nint layer, nint field, int approximate);

    [LibraryImport(Gdal)]
    internal static partial int OGR_L_CreateFeature(nint layer, nint feature);

    [LibraryImport(Gdal)]
    internal static partial int OGR_FD_GetFieldCount(nint definition);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_FD_GetFieldDefn(nint definition, int index);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OGR_Fld_Create(string name, int type);

    [LibraryImport(Gdal)]
    internal static partial void OGR_Fld_Destroy(nint field);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_Fld_GetNameRef(nint field);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_Fld_GetAlternativeNameRef(nint field);

    [LibraryImport(Gdal)]
    internal static partial int OGR_Fld_GetType(nint field);

    [LibraryImport(Gdal)]
    internal static partial int OGR_Fld_GetSubType(nint field);

    [LibraryImport(Gdal)]
    internal static partial void OGR_Fld_SetSubType(nint field, int subType);

    [LibraryImport(Gdal)]
    internal static partial int OGR_Fld_GetWidth(nint field);

    [LibraryImport(Gdal)]
    internal static partial void OGR_Fld_SetWidth(nint field, int width);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_F_Create(nint definition);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_Destroy(nint feature);

    [LibraryImport(Gdal)]
    internal static partial long OGR_F_GetFID(nint feature);

    [LibraryImport(Gdal)]
    internal static partial int OGR_F_SetFID(nint feature, long fid);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_F_GetGeometryRef(nint feature);

    [LibraryImport(Gdal)]
    internal static partial int OGR_F_SetGeometryDirectly(nint feature, nint geometry);

    [LibraryImport(Gdal)]
    internal static partial int OGR_F_IsFieldSetAndNotNull(nint feature, int field);

    [LibraryImport(Gdal)]
    internal static partial long OGR_F_GetFieldAsInteger64(nint feature, int field);

    [LibraryImport(Gdal)]
    internal static partial double OGR_F_GetFieldAsDouble(nint feature, int field);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_F_GetFieldAsString(nint feature, int field);

    [LibraryImport(Gdal)]
    internal static partial byte* OGR_F_GetFieldAsBinary(nint feature, int field, int* length);

    [LibraryImport(Gdal)]
    internal static partial int OGR_F_GetFieldAsDateTimeEx(nint feature, int field, int* year, int* month, int* day, int* hour,
        int* minute, float* second, int* zone);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_SetFieldInteger64(nint feature, int field, long value);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_SetFieldDouble(nint feature, int field, double value);

    [LibraryImport(Gdal, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void OGR_F_SetFieldString(nint feature, int field, string value);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_SetFieldDateTimeEx(nint feature, int field, int year, int month, int day, int hour, int minute,
        float second, int zone);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_SetFieldBinary(nint feature, int field, int length, void* value);

    [LibraryImport(Gdal)]
    internal static partial void OGR_F_SetFieldNull(nint feature, int field);

    [LibraryImport(Gdal)]
    internal static partial int OGR_G_CreateFromWkbEx(void* wkb, nint srs, nint* geometry, nuint length);

    [LibraryImport(Gdal)]
    internal static partial void OGR_G_DestroyGeometry(nint geometry);

    [LibraryImport(Gdal)]
    internal static partial nuint OGR_G_WkbSizeEx(nint geometry);

    [LibraryImport(Gdal)]
    internal static partial int OGR_G_ExportToIsoWkb(nint geometry, int order, byte* buffer);

    [LibraryImport(Gdal)]
    internal static partial int OGR_G_HasCurveGeometry(nint geometry, int lookForNonLinear);

    [LibraryImport(Gdal)]
    internal static partial nint OGR_G_GetLinearGeometry(nint geometry, double maxAngleStepDegrees, nint options);

    [LibraryImport(Gdal)]
    internal static partial void OGR_G_FlattenTo2D(nint geometry);

    [LibraryImport(Gdal)]
    internal static partial void OGR_G_SwapXY(nint geometry);

    [LibraryImport(Gdal)]
    internal static partial int OGR_G_Transform(nint geometry, nint transform);
}
