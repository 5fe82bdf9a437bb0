using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>A patch that a series is now sure of.</summary>
/// <param name="Baseline">Ordinal of the scene that showed it natural for the last time.</param>
/// <param name="Since">Ordinal of the first scene that showed all of it changed.</param>
internal sealed record SeriesPatch(ChangeKind Kind, Outline Outline, int Pixels, int Baseline, int Since, double Looks, double Score, double Colour, double BuiltShare, double GsdMeters)
{
    public ChangePatch ToPatch(string id, SeriesState state) => new()
    {
        Id = id,
        Outline = Outline,
        Kind = Kind,
        Score = Score,
        NotBefore = state.Scenes[Baseline - 1].AcquiredAt,
        NotAfter = state.Scenes[Since - 1].AcquiredAt,
        PixelCount = Pixels,
        GsdMeters = GsdMeters,
        Facts = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["seen_in_passes"] = Looks,
            ["clear_pixels"] = Pixels,
            ["red_blue_after"] = Math.Round(Colour, 3),
            ["built_share"] = Math.Round(BuiltShare, 3),
        },
    };
}

/// <summary>Groups confirmed pixels into patches, and remembers in the histories what has been told.</summary>
internal sealed class SeriesPatches(SeriesState state, SeriesOptions options, GridGeodesy geodesy, RasterDataset histories, RasterLayer marks, string folder)
{
    private const byte OldBare = 1, OldBuilt = 2, NewBare = 3, NewBuilt = 4, Gone = 5;
    private const int StageBand = PixelHistory.Fields;

    /// <summary>A site that was told of is told of again when it has grown by this share.</summary>
    private const double Growth = 0.25;

    /// <summary>From this share of built pixels on a patch counts as built-up, not as earthworks.</summary>
    private const double BuiltFrom = 0.3;

    /// <summary>What a pixel brings to patches.</summary>
    /// <param name="confirmFrom">Onsets at or after this ordinal are too fresh.</param>
    /// <param name="hardFrom">Onsets before this ordinal outlasted earthworks: what is still bare then is hard ground of any colour.</param>
    public static byte MarkOf(in PixelHistory history, SeriesOptions options, int confirmFrom, int hardFrom)
    {
        if (history.Stage == PixelStage.Built && history.NaturalRun >= options.LooksToClear)
        {
            return Gone;
        }

        var sure = history.Confirmed(options.LooksToConfirm) && history.Onset < confirmFrom;
        var built = sure && (history.Colour < GroundEvidence.BuiltColour || (history.Onset < hardFrom && history.Run >= 2 * options.LooksToConfirm));
        return history.Stage switch
        {
            PixelStage.Built => OldBuilt,
            PixelStage.Bare => built ? NewBuilt : OldBare,
            _ => built ? NewBuilt : sure ? NewBare : (byte)0,
        };
    }

    public List<SeriesPatch> Find(CancellationToken cancellation)
    {
        var found = Group(mark => mark is >= OldBare and <= NewBuilt, Grown, cancellation);
        found.AddRange(Group(mark => mark == Gone, Cleared, cancellation));
        return found;
    }

    private List<SeriesPatch> Group(Func<byte, bool> member, Func<Cluster, SeriesPatch?> judge, CancellationToken cancellation)
    {
        var rows = new RowReader<byte>(marks);
        var scanner = new ComponentScanner(marks.Width, marks.Height, (y, row) =>
        {
            var from = rows.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                row[x] = member(from[x]) ? (byte)1 : (byte)0;
            }
        });
        scanner.Scan(options.LeastPixels);
        if (scanner.Components.Count == 0)
        {
            return [];
        }

        using var labels = new RasterLayer(Path.Combine(folder, $"labels-{member(Gone)}.tif"), marks.Width, marks.Height, PixelType.Int32);
        scanner.Label((y, row) => labels.Write<int>(new PixelWindow(0, y, marks.Width, 1), row));
        var patches = new List<SeriesPatch>();
        for (var c = 0; c < scanner.Components.Count; c++)
        {
            cancellation.ThrowIfCancellationRequested();
            var component = scanner.Components[c];
            var window = new PixelWindow(component.Left, component.Top, component.Right - component.Left + 1, component.Bottom - component.Top + 1);
            var group = Read(labels, c + 1, window);
            if (group.IsThick && judge(group) is { } patch)
            {
                patches.Add(patch);
            }
        }

        return patches;
    }

    private SeriesPatch? Grown(Cluster group)
    {
        int newBare = group.Count(NewBare), newBuilt = group.Count(NewBuilt), oldBare = group.Count(OldBare), oldBuilt = group.Count(OldBuilt);
        if (newBare + newBuilt == 0)
        {
            return null;
        }

        var pixels = group.Pixels;
        var built = oldBuilt + newBuilt;
        var isBuilt = built >= BuiltFrom * pixels && built >= Math.Min(options.LeastPixels, pixels * 0.5);
        var toldBuilt = oldBuilt >= BuiltFrom * pixels;
        var fresh = isBuilt ? newBuilt : newBare + newBuilt;
        var told = isBuilt ? oldBuilt : oldBare + oldBuilt;
        var first = isBuilt ? !toldBuilt && oldBuilt == 0 : told == 0;
        if (!first && fresh < Math.Max(options.LeastPixels, Growth * told))
        {
            return null;
        }

        var of = group.Of(mark => mark is NewBare or NewBuilt);
        group.Tell(isBuilt);
        WriteStages(group);
        return Patch(group, isBuilt ? ChangeKind.BuiltUp : ChangeKind.BareSoil, of, pixels, built / (double)pixels);
    }

    private SeriesPatch? Cleared(Cluster group)
    {
        var of = group.Of(mark => mark == Gone);
        group.Clear();
        WriteStages(group);

        // Cleared: the roles are reversed, it was last seen artificial before its natural run began.
        var since = Math.Max(2, of.Histories.Select(h => h.LastNatural - h.NaturalRun + 1).DefaultIfEmpty(2).Max());
        return new SeriesPatch(
            ChangeKind.Demolition, group.Outline(geodesy), group.Pixels, Math.Max(1, since - 1), Math.Min(since, state.Scenes.Count),
            options.LooksToClear, ScoreOf(options.LooksToClear, group.Pixels), 0, 0, geodesy.GsdMeters);
    }

    private SeriesPatch Patch(Cluster group, ChangeKind kind, Members of, int pixels, double builtShare)
    {
        var naturals = of.Histories.Select(h => (int)h.LastNatural).Order().ToArray();
        var onsets = of.Histories.Select(h => (int)h.Onset).Order().ToArray();
        var runs = of.Histories.Select(h => (int)h.Run).Order().ToArray();
        var looks = runs[runs.Length / 2];

        // The ground of a site changes strip by strip: from when almost none had to when almost all had. The outer twentieths are
        // mixed pixels at its edge.
        var baseline = naturals[naturals.Length / 20];
        var since = Math.Max(baseline + 1, onsets[onsets.Length - 1 - (onsets.Length / 20)]);
        return new SeriesPatch(kind, group.Outline(geodesy), pixels, baseline, Math.Min(since, state.Scenes.Count), looks, ScoreOf(looks, pixels), of.Histories.Average(h => h.Colour), builtShare, geodesy.GsdMeters);
    }

    /// <summary>Grows with the looks that agree and with the size: 3 looks at 9 pixels give 0.58, 6 looks at 40 give 0.87.</summary>
    private static double ScoreOf(double looks, int pixels) => Math.Round((1 - Math.Pow(2, -looks / 2)) * (1 - Math.Exp(-pixels / 4.0)), 4);

    private Cluster Read(RasterLayer labels, int label, PixelWindow window)
    {
        var pixels = (int)window.PixelCount;
        var ids = new int[pixels];
        var mark = new byte[pixels];
        var fields = new ushort[PixelHistory.Fields * pixels];
        labels.Read<int>(window, ids);
        marks.Read<byte>(window, mark);
        histories.Read<ushort>([.. Enumerable.Range(1, PixelHistory.Fields)], window, window.Width, window.Height, fields);
        for (var i = 0; i < pixels; i++)
        {
            if (ids[i] != label)
            {
                mark[i] = 0;
            }
        }

        return new Cluster(window, mark, fields, GridReader.TransformOf(state.Grid));
    }

    private void WriteStages(Cluster group) => histories.Write<ushort>(StageBand, group.Window, group.Stages);

    private sealed record Members(IReadOnlyList<PixelHistory> Histories);

    /// <summary>One component in its window.</summary>
    private sealed class Cluster(PixelWindow window, byte[] mark, ushort[] fields, GeoTransform transform)
    {
        private int Size => mark.Length;

        public PixelWindow Window => window;

        public int Pixels => mark.Count(m => m != 0);

        public ReadOnlySpan<ushort> Stages => fields.AsSpan((PixelHistory.Fields - 1) * Size, Size);

        /// <summary>Somewhere three pixels wide and high: a line along a road or a village's edge is not.</summary>
        public bool IsThick
        {
            get
            {
                for (var y = 1; y < window.Height - 1; y++)
                {
                    for (var x = 1; x < window.Width - 1; x++)
                    {
                        var full = true;
                        for (var v = -1; v <= 1 && full; v++)
                        {
                            for (var u = -1; u <= 1 && full; u++)
                            {
                                full = mark[((y + v) * window.Width) + x + u] != 0;
                            }
                        }

                        if (full)
                        {
                            return true;
                        }
                    }
                }

                return false;
            }
        }

        public int Count(byte kind) => mark.Count(m => m == kind);

        public Members Of(Func<byte, bool> member) =>
            new([.. Enumerable.Range(0, Size).Where(i => member(mark[i])).Select(i => PixelHistory.Read(fields, i, Size))]);

        /// <summary>Remembers that its pixels were told of.</summary>
        public void Tell(bool built) => SetStages(m => m switch
        {
            NewBuilt => built ? PixelStage.Built : PixelStage.Bare,
            NewBare => PixelStage.Bare,
            OldBuilt => PixelStage.Built,
            OldBare => PixelStage.Bare,
            _ => null,
        });

        public void Clear() => SetStages(m => m == Gone ? PixelStage.Cleared : null);

        public Outline Outline(GridGeodesy geodesy)
        {
            byte[] member = [.. mark.Select(m => (byte)(m != 0 ? 1 : 0))];
            var reader = new WKBReader();
            var parts = LabelRaster.Polygonize<byte>(member, member, window.Width, window.Height, transform.Shift(window.X, window.Y))
                .Select(p => (NetTopologySuite.Geometries.Polygon)reader.Read(p.Wkb)).ToArray();
            return geodesy.OutlineOf((parts.Length == 1 ? parts[0] : (NetTopologySuite.Geometries.Geometry)new NetTopologySuite.Geometries.MultiPolygon(parts)).AsBinary());
        }

        private void SetStages(Func<byte, PixelStage?> stage)
        {
            for (var i = 0; i < Size; i++)
            {
                if (stage(mark[i]) is { } s)
                {
                    fields[((PixelHistory.Fields - 1) * Size) + i] = (ushort)s;
                }
            }
        }
    }
}
