using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// Transforms that were asked for lately. PROJ searches its database for the ways between two CRS, some tens of milliseconds each time; a
/// copy of a transform costs nothing.
/// </summary>
/// <remarks>Thread-safe. A prototype transforms nothing itself, so that copying never meets use.</remarks>
internal static unsafe class TransformPrototypes
{
    /// <summary>More pairs of CRS than a region has; a prototype takes some kilobytes.</summary>
    private const int Most = 64;

    private static readonly Lock Gate = new();
    private static readonly List<Prototype> Known = [];

    /// <exception cref="GdalException">There is no way from one to the other.</exception>
    public static TransformHandle Make(SpatialReference source, SpatialReference target, TransformOptions options)
    {
        // Axis order is part of what a CRS means here, and the same for all: it need not be part of the key.
        var (from, to) = (source.ToWkt(), target.ToWkt());
        lock (Gate)
        {
            var at = Known.FindIndex(p => p.Source == from && p.Target == to && p.Options == options);
            var prototype = at >= 0 ? Known[at] : new Prototype(from, to, options, Search(source, target, options));
            if (at >= 0)
            {
                Known.RemoveAt(at);
            }
            else if (Known.Count == Most)
            {
                Known[0].Transform.Dispose();
                Known.RemoveAt(0);
            }

            // The latest last: the one to go is the one that nobody asked for the longest time.
            Known.Add(prototype);
            Errors.Begin();
            using var use = prototype.Transform.Use();
            var copy = GdalNative.OCTClone(use.Pointer);
            return copy != 0 ? new TransformHandle(copy) : throw Errors.Exception($"copy the transform from {source} to {target}");
        }
    }

    private static TransformHandle Search(SpatialReference source, SpatialReference target, TransformOptions options)
    {
        using var from = source.Handle.Use();
        using var to = target.Handle.Use();
        var native = GdalNative.OCTNewCoordinateTransformationOptions();
        try
        {
            Errors.Begin();
            if (options.AreaOfInterest is { } area
                && GdalNative.OCTCoordinateTransformationOptionsSetAreaOfInterest(native, area.MinX, area.MinY, area.MaxX, area.MaxY) == 0)
                throw Errors.Exception($"use the area of interest {area}");
            _ = GdalNative.OCTCoordinateTransformationOptionsSetBallparkAllowed(native, options.AllowBallpark ? 1 : 0);
            if (options.AccuracyMetres is { } metres
                && GdalNative.OCTCoordinateTransformationOptionsSetDesiredAccuracy(native, metres) == 0)
                throw Errors.Exception($"ask for an accuracy of {metres} m");
            var transform = GdalNative.OCTNewCoordinateTransformationEx(from.Pointer, to.Pointer, native);
            return transform != 0 ? new TransformHandle(transform) : throw Errors.Exception($"find a transform from {source} to {target}");
        }
        finally
        {
            GdalNative.OCTDestroyCoordinateTransformationOptions(native);
        }
    }

    private sealed record Prototype(string Source, string Target, TransformOptions Options, TransformHandle Transform);
}
