using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>What one more scene did to a series.</summary>
/// <param name="State">The series with the scene in it.</param>
/// <param name="Changes">What is now certain that was not before; one change set for each baseline scene, at least one.</param>
public sealed record SeriesStep(SeriesState State, IReadOnlyList<ChangeSet> Changes);

/// <summary>
/// Finds building from a series of looks at the same ground: register the scene → one look per clear pixel → histories → pixels that
/// became artificial and stayed → patches. One cloudless look proves nothing; the same ground artificial in several looks, after it had
/// been natural and never artificial before, does. docs/algorithms/series.md gives the rules.
/// </summary>
/// <remarks>Not thread-safe. The same scenes in the same order give the same change sets.</remarks>
public sealed class SeriesDetector(SeriesStore store, SeriesOptions options)
{
    public const string Id = "imagery-series";

    /// <summary>Changes whenever a result may.</summary>
    public const string Version = "8";

    /// <summary>After a year without artificial ground, an earlier spell of it is no longer held against a pixel.</summary>
    private static readonly TimeSpan Cycle = TimeSpan.FromDays(400);

    private static readonly BandRole[] Roles = [BandRole.Blue, BandRole.Green, BandRole.Red, BandRole.Nir, BandRole.Swir16, BandRole.Swir22];

    /// <summary>Why a scene cannot take part in a series, as one sentence, or null. Where no scale is stated it reads a sample of the pixels.</summary>
    /// <exception cref="GdalException">A file of the scene cannot be read.</exception>
    public static string? Unfit(Scene scene, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(scene);
        if (BandsOf(scene) is not { } bands)
        {
            return $"\"{scene.Id}\" lacks one of the bands blue, green, red, nir, swir16, swir22 and is not followed for building.";
        }

        return !GridReader.TransformOf(scene.Grid).IsNorthUp ? $"The grid of \"{scene.Id}\" is rotated; it is not followed for building."
            : StoredReflectance.Of(scene, bands, cancellation).Problem(scene);
    }

    /// <summary>A new series on the grid of its first scene.</summary>
    public SeriesState Begin(Scene first)
    {
        ArgumentNullException.ThrowIfNull(first);
        var id = FindingId.Of("series", first.Id, first.ContentHash);
        return store.Begin(new SeriesState
        {
            SeriesId = id, Grid = first.Grid, Box = GroundBoxes.Numbers(first.Footprint.Shape), Scenes = [], HistoryHash = id, Raster = $"{id}-0.tif",
        });
    }

    /// <summary>Which series a scene gives a look to: those of whose grid it shows enough.</summary>
    /// <returns>Indices, ascending.</returns>
    public IReadOnlyList<int> ShownBy(IReadOnlyList<SeriesState> states, Scene scene)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(scene);
        var shown = GroundBoxes.Of(scene.Footprint.Shape);
        return [.. Enumerable.Range(0, states.Count).Where(i => states[i].Ground is var ground && ground.Area > 0
            && OverlayNGRobust.Overlay(ground, shown, SpatialFunction.Intersection).Area >= options.LeastOverlap * ground.Area)];
    }

    /// <summary>Whether a scene shows ground that none of the series follows, so that one of its own must begin.</summary>
    /// <param name="shown">The series that it gives a look to.</param>
    public bool ShowsNewGround(IReadOnlyList<SeriesState> shown, Scene scene)
    {
        ArgumentNullException.ThrowIfNull(shown);
        ArgumentNullException.ThrowIfNull(scene);
        var whole = GroundBoxes.Of(scene.Footprint.Shape);
        var left = shown.Aggregate(whole, (rest, state) => OverlayNGRobust.Overlay(rest, state.Ground, SpatialFunction.Difference));
        return shown.Count == 0 || left.Area >= options.LeastNewGround * whole.Area;
    }

    /// <summary>Works one scene into the series.</summary>
    public SeriesStep Step(SeriesState state, CataloguedScene scene, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(scene);
        var next = state with
        {
            Scenes = [.. state.Scenes, new SeriesScene(scene.Sequence, scene.Scene.Id, scene.Scene.AcquiredAt)],
            HistoryHash = SeriesState.HashAfter(state.HistoryHash, scene.Scene),
            Raster = $"{state.SeriesId}-{scene.Sequence}.tif",
        };
        store.NeedRoom((sizeof(ushort) * PixelHistory.Fields * (long)state.Grid.Width * state.Grid.Height) + SeriesWatch.RoomFor(next, options));
        var folder = TemporaryFolder.Create(null);
        try
        {
            using var geodesy = GridGeodesy.Of(state.Grid);
            using var marks = new RasterLayer(Path.Combine(folder, "marks.tif"), state.Grid.Width, state.Grid.Height, PixelType.UInt8);
            using var old = store.Open(state.Raster);
            using var histories = store.Create(next.Raster, state.Grid);
            var (shift, begun) = Register(state, scene, cancellation);
            using var watch = SeriesWatch.Of(store, next, options);
            var seen = Look(next, scene.Scene, shift, old, histories, marks, watch, geodesy.GsdMeters, cancellation);
            var patches = new SeriesPatches(next, options, geodesy, histories, marks).Find(cancellation);
            histories.Dispose();
            store.MakeDurable(next.Raster);
            next = watch?.MakeDurable(next) ?? next;
            if (begun is not null)
            {
                store.Keep(begun);
            }

            return new SeriesStep(next, Compose(next, scene.Scene, patches, seen, shift, watch));
        }
        finally
        {
            TemporaryFolder.Delete(folder);
        }
    }

    private static int[]? BandsOf(Scene scene)
    {
        var pairing = scene.Bands.Any(b => b.CommonName is not null) ? BandPairing.Of(scene, scene) : null;
        if (pairing is null)
        {
            return null;
        }

        int[] bands = [.. Roles.Select(r => pairing.IndexOf(r) is var k and >= 0 ? pairing.Pairs[k].Before : -1)];
        return bands.Contains(-1) ? null : bands;
    }

    /// <summary>How far the scene lies beside the series' first; what is to be kept of it when this is the first.</summary>
    private (PixelShift Shift, SeriesReference? Begun) Register(SeriesState state, CataloguedScene scene, CancellationToken cancellation)
    {
        // Short-wave infrared sees edges through haze.
        const int swir16 = 4;
        var band = BandsOf(scene.Scene)![swir16];
        return state.Scenes.Count > 0
            ? (store.ReferenceOf(state).Register(scene.Scene, band, cancellation), null)
            : (PixelShift.None, SeriesReference.Of(state, scene, band, cancellation));
    }

    /// <summary>One look at every clear pixel.</summary>
    /// <returns>Pixels that were looked at.</returns>
    private long Look(
        SeriesState state, Scene scene, PixelShift shift, RasterDataset old, RasterDataset histories, RasterLayer marks, SeriesWatch? watch, double gsd, CancellationToken cancellation)
    {
        var grid = state.Grid;
        var bands = BandsOf(scene)!;
        var quality = BandPairing.Of(scene, scene).QualityBefore;
        using var reader = new GridReader(scene, grid, bands, quality, [.. Enumerable.Repeat(shift, bands.Length)]);
        var margin = options.CloudMargin;

        // The looks at the ground go by reflectance.
        var reflectance = StoredReflectance.Of(scene, bands, cancellation);
        if (reflectance.Problem(scene) is { } problem)
        {
            throw new ImageryException(problem);
        }

        var sky = new SceneSky(reader, [.. bands.Select(b => reflectance.FactorOf(scene.Bands[b]))], grid, gsd, options, cancellation);
        var ordinal = state.Scenes.Count;
        var forget = state.OrdinalAfter(scene.AcquiredAt - Cycle);
        var side = options.TilePixels;
        var outer = (side + (2 * margin)) * (side + (2 * margin));
        var planes = new float[Roles.Length * outer];
        var clear = new PixelQuality[outer];
        var fields = new ushort[PixelHistory.Fields * side * side];
        var mark = new byte[side * side];
        var ndvi = new float[side * side];
        int[] every = [.. Enumerable.Range(1, PixelHistory.Fields)];
        var confirmFrom = state.OrdinalAfter(scene.AcquiredAt - TimeSpan.FromDays(options.DaysToConfirm));
        var hardFrom = state.OrdinalAfter(scene.AcquiredAt - TimeSpan.FromDays(options.DaysToHarden));
        long seen = 0;
        for (var y = 0; y < grid.Height; y += side)
        {
            for (var x = 0; x < grid.Width; x += side)
            {
                cancellation.ThrowIfCancellationRequested();
                var core = new PixelWindow(x, y, Math.Min(side, grid.Width - x), Math.Min(side, grid.Height - y));
                var window = sky.Read(core, planes, clear, cancellation);
                int pixels = core.Width * core.Height, stride = window.Width * window.Height;
                SeriesStore.Read(old, every, core, fields.AsSpan(0, every.Length * pixels), cancellation);
                ReadOnlySpan<WatchState> states = watch is null ? [] : watch.Take(Ndvi(core, window, planes, clear, ndvi.AsSpan(0, pixels)));
                for (var v = 0; v < core.Height; v++)
                {
                    for (var u = 0; u < core.Width; u++)
                    {
                        var i = (v * core.Width) + u;
                        var from = ((v + core.Y - window.Y) * window.Width) + u + core.X - window.X;
                        var history = PixelHistory.Read(fields, i, pixels);
                        if (clear[from] == PixelQuality.Clear)
                        {
                            seen++;
                            float blue = planes[from], red = planes[(2 * stride) + from];
                            var look = GroundEvidence.Of(blue, planes[stride + from], red, planes[(3 * stride) + from], planes[(4 * stride) + from], planes[(5 * stride) + from]);
                            history.Take(look, ordinal, GroundEvidence.Colour(blue, red), forget);
                            history.Write(fields, i, pixels);
                        }

                        if (!states.IsEmpty && watch!.Tell(ref history, states[i]))
                        {
                            history.Write(fields, i, pixels);
                        }

                        mark[i] = SeriesPatches.MarkOf(history, options, confirmFrom, hardFrom);
                    }
                }

                histories.Write<ushort>(every, core, fields.AsSpan(0, every.Length * pixels), cancellation: cancellation);
                marks.Write<byte>(core, mark.AsSpan(0, pixels));
            }
        }

        return seen;
    }

    /// <summary>NDVI of a tile's clear pixels, NaN of the others.</summary>
    private static Span<float> Ndvi(PixelWindow core, PixelWindow window, float[] planes, PixelQuality[] clear, Span<float> ndvi)
    {
        const int red = 2, nir = 3;
        var stride = window.Width * window.Height;
        for (var v = 0; v < core.Height; v++)
        {
            for (var u = 0; u < core.Width; u++)
            {
                var from = ((v + core.Y - window.Y) * window.Width) + u + core.X - window.X;
                ndvi[(v * core.Width) + u] = clear[from] == PixelQuality.Clear
                    ? SpectralIndex.Ndvi(planes[(red * stride) + from], planes[(nir * stride) + from]) : float.NaN;
            }
        }

        return ndvi;
    }

    private List<ChangeSet> Compose(SeriesState state, Scene scene, List<SeriesPatch> patches, long seen, PixelShift shift, SeriesWatch? watch)
    {
        var previous = state.Scenes.Count > 1 ? state.Scenes[^2].Id : scene.Id;
        var byBaseline = patches.GroupBy(p => state.Scenes[p.Baseline - 1].Id).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var sets = new List<ChangeSet>();
        foreach (var group in byBaseline)
        {
            sets.Add(SetOf(group.Key, [.. group]));
        }

        return sets.Count > 0 ? sets : [SetOf(previous, [])];

        ChangeSet SetOf(string baseline, List<SeriesPatch> members)
        {
            var id = FindingId.Of("change-set", baseline, scene.Id, state.HistoryHash, Id, Version, options.Fingerprint);
            return new ChangeSet
            {
                Id = id,
                BaselineSceneId = baseline,
                CurrentSceneId = scene.Id,
                DetectorId = Id,
                DetectorVersion = Version,
                ObservableShare = seen / ((double)state.Grid.Width * state.Grid.Height),
                Patches = [.. members.Select((m, i) => m.ToPatch(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}-{i + 1}"), state))],
                Statistics = new SortedDictionary<string, double>(StringComparer.Ordinal)
                {
                    ["looks"] = state.Scenes.Count,
                    ["clear_pixels"] = seen,
                    ["season_followed_pixels"] = watch?.Followed ?? 0,
                    ["season_breaks"] = watch?.Breaks ?? 0,
                    ["season_left_out_tiles"] = watch?.Left ?? 0,
                    ["patches"] = members.Count,
                    ["shift_x"] = Math.Round(shift.X, 3),
                    ["shift_y"] = Math.Round(shift.Y, 3),
                },
            };
        }
    }
}
