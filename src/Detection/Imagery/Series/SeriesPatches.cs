using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>A patch that a series is now sure of.</summary>
/// <param name="Baseline">Ordinal of the scene that showed it natural for the last time.</param>
/// <param name="Since">Ordinal of the first scene that showed all of it changed.</param>
internal sealed record SeriesPatch(ChangeKind Kind, Outline Outline, int Pixels, int Baseline, int Since, double Looks, double Score, double Colour, double BuiltShare, double GsdMeters)
{
    /// <summary>What the seasonal models say of it, when they broke in some of its pixels.</summary>
    public SeriesBreak? Break { get; init; }

    /// <summary>As <see cref="PatchOutline.Cell"/>.</summary>
    public int OutlineCell { get; init; } = 1;

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
        Facts = Facts(state),
    };

    private SortedDictionary<string, double> Facts(SeriesState state)
    {
        var facts = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["seen_in_passes"] = Looks,
            ["clear_pixels"] = Pixels,
            ["red_blue_after"] = Math.Round(Colour, 3),
            ["built_share"] = Math.Round(BuiltShare, 3),
        };
        if (OutlineCell > 1)
        {
            facts["outline_cell_pixels"] = OutlineCell;
        }

        if (Break is { } known)
        {
            facts["break_share"] = Math.Round(known.Share, 3);
            facts["break_probability"] = Math.Round(known.Probability, 4);
            facts["break_after_unix_day"] = UnixDay(state.Scenes[known.After - 1]);
            facts["break_by_unix_day"] = UnixDay(state.Scenes[known.By - 1]);
        }

        return facts;
    }

    private static double UnixDay(SeriesScene scene) => Math.Floor((scene.AcquiredAt - DateTimeOffset.UnixEpoch).TotalDays);
}

/// <summary>What the seasonal models say of a patch.</summary>
/// <param name="Share">Of its new pixels, those whose model broke when they became artificial.</param>
/// <param name="Probability">Median over these of the probability that the break is a lasting change.</param>
/// <param name="After">Ordinal of the last look that agreed with the season, the median of these pixels.</param>
/// <param name="By">Ordinal of the first that did not.</param>
internal readonly record struct SeriesBreak(double Share, double Probability, int After, int By);

/// <summary>Groups confirmed pixels into patches, and remembers in the histories what has been told.</summary>
internal sealed class SeriesPatches(SeriesState state, SeriesOptions options, GridGeodesy geodesy, RasterDataset histories, RasterLayer marks)
{
    private const byte OldBare = 1, OldBuilt = 2, NewBare = 3, NewBuilt = 4, Gone = 5;

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

    private List<SeriesPatch> Group(Func<byte, bool> member, Func<SeriesCluster, SeriesPatch?> judge, CancellationToken cancellation)
    {
        var rows = new RowReader<byte>(marks);
        var members = new byte[marks.Width];
        var scanner = new ObjectScanner(0, options.LeastPixels);
        for (var y = 0; y < marks.Height; y++)
        {
            var row = rows.Row(y);
            for (var x = 0; x < members.Length; x++)
            {
                members[x] = member(row[x]) ? (byte)1 : (byte)0;
            }

            scanner.AddRow(y, members);
        }

        var strips = new ClusterStrips(marks, histories, options.StripPixels);
        var transform = GridReader.TransformOf(state.Grid);
        var patches = new List<SeriesPatch>();
        foreach (var found in scanner.End())
        {
            cancellation.ThrowIfCancellationRequested();
            var group = new SeriesCluster(strips, found, transform);
            if (group.IsThick && judge(group) is { } patch)
            {
                patches.Add(patch);
            }
        }

        return patches;
    }

    private SeriesPatch? Grown(SeriesCluster group)
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

        OrdinalCounts naturals = new(), onsets = new(), runs = new();
        OrdinalCounts after = new(), by = new(), evidence = new();
        double colour = 0;
        group.Visit(mark => mark is NewBare or NewBuilt, (in history) =>
        {
            naturals.Add(history.LastNatural);
            onsets.Add(history.Onset);
            runs.Add(history.Run);
            colour += history.Colour;
            if (history.BreakAgrees)
            {
                after.Add(history.BreakAfter);
                by.Add(history.BreakBy);
                evidence.Add(history.BreakEvidence);
            }
        });

        // What was told of is remembered.
        group.SetStages(mark => mark switch
        {
            NewBuilt => isBuilt ? PixelStage.Built : PixelStage.Bare,
            NewBare or OldBare => PixelStage.Bare,
            OldBuilt => PixelStage.Built,
            _ => null,
        });

        // The ground of a site changes strip by strip: from when almost none had to when almost all had. The outer twentieths are
        // mixed pixels at its edge.
        var baseline = naturals.AtRank(naturals.Total / 20);
        var since = Math.Max(baseline + 1, onsets.AtRank(onsets.Total - 1 - (onsets.Total / 20)));
        var looks = runs.AtRank(runs.Total / 2);
        var (outline, cell) = group.Outline(geodesy);
        return new SeriesPatch(
            isBuilt ? ChangeKind.BuiltUp : ChangeKind.BareSoil, outline, pixels, baseline, Math.Min(since, state.Scenes.Count),
            looks, ScoreOf(looks, pixels), colour / naturals.Total, built / (double)pixels, geodesy.GsdMeters)
        {
            OutlineCell = cell,
            Break = evidence.Total == 0 ? null : new SeriesBreak(
                (double)evidence.Total / naturals.Total, options.Watch.BreakProbability(evidence.AtRank(evidence.Total / 2) / 1000.0),
                Math.Max(1, (int)after.AtRank(after.Total / 2)), by.AtRank(by.Total / 2)),
        };
    }

    private SeriesPatch Cleared(SeriesCluster group)
    {
        OrdinalCounts artificial = new(), naturals = new();
        group.Visit(mark => mark == Gone, (in history) =>
        {
            artificial.Add(history.LastArtificial);
            naturals.Add(history.NaturalSince);
        });
        group.SetStages(mark => mark == Gone ? PixelStage.Cleared : null);

        // As above with the roles reversed: from when almost all of it still stood to when almost none did.
        var baseline = Math.Max(1, artificial.AtRank(artificial.Total / 20));
        var since = Math.Max(baseline + 1, naturals.AtRank(naturals.Total - 1 - (naturals.Total / 20)));
        var (outline, cell) = group.Outline(geodesy);
        return new SeriesPatch(
            ChangeKind.Demolition, outline, group.Pixels, Math.Min(baseline, state.Scenes.Count), Math.Min(since, state.Scenes.Count),
            options.LooksToClear, ScoreOf(options.LooksToClear, group.Pixels), 0, 0, geodesy.GsdMeters)
        {
            OutlineCell = cell,
        };
    }

    /// <summary>Grows with the looks that agree and with the size: 3 looks at 9 pixels give 0.58, 6 looks at 40 give 0.87.</summary>
    private static double ScoreOf(double looks, int pixels) => Math.Round((1 - Math.Pow(2, -looks / 2)) * (1 - Math.Exp(-pixels / 4.0)), 4);

    /// <summary>How many pixels have which ordinal.</summary>
    private sealed class OrdinalCounts
    {
        private readonly SortedDictionary<ushort, int> _counts = [];

        public int Total { get; private set; }

        public void Add(ushort ordinal)
        {
            _counts[ordinal] = _counts.GetValueOrDefault(ordinal) + 1;
            Total++;
        }

        /// <summary>The ordinal at a place of the sorted list, from 0.</summary>
        public int AtRank(int rank)
        {
            foreach (var (ordinal, count) in _counts)
            {
                if ((rank -= count) < 0)
                {
                    return ordinal;
                }
            }

            throw new ArgumentOutOfRangeException(nameof(rank), rank, "There are not so many.");
        }
    }
}
