using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Detection;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary>Judgement beside PostGIS on the same parcels, permits, lines and patches: in bulk, one at a time, and as the register grows.</summary>
internal static class JudgementBench
{
    private const int Rounds = 3;
    private const int Singles = 2000;
    private const int Threads = 2;

    /// <param name="parcels">Parcels of the largest register; a tenth as many permits and patches.</param>
    /// <exception cref="InvalidOperationException">PostGIS is missing, or says something else of a patch.</exception>
    public static void Run(string results, int parcels, CancellationToken stop)
    {
        if (PostGisServer.Missing is { } missing)
        {
            throw new InvalidOperationException(missing);
        }

        var rules = DetectionRules.Default.Judgement;
        var judge = new PatchJudge(rules, new GdalGeodesic());
        var growth = new StringBuilder();
        for (var size = parcels / 100; size < parcels; size *= 10)
        {
            var small = new JudgementGround(7, size, size / 10, 20_000);
            Grown(growth, small, PlanIndex.Of(small.Features), judge);
        }

        stop.ThrowIfCancellationRequested();
        var patches = Math.Min(100_000, parcels / 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var ground = new JudgementGround(7, parcels, parcels / 10, patches);
        var features = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var index = PlanIndex.Of(ground.Features);
        var built = clock.Elapsed;
        var indexed = GC.GetTotalMemory(forceFullCollection: true);
        Grown(growth, ground, index, judge);
        var used = GC.GetTotalMemory(forceFullCollection: true);

        clock.Restart();
        using var peer = new JudgementPeer(ground);
        var loaded = clock.Elapsed;
        var (ours, theirs, ourSingle, theirSingle) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var judged = new PatchJudgement[patches];
        var compared = new JudgementComparison();
        for (var round = 0; round < Rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            clock.Restart();
            Parallel.For(0, patches, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i => judged[i] = judge.Judge(ground.Patches[i], index));
            ours.Add(patches / clock.Elapsed.TotalSeconds);
            clock.Restart();
            var said = peer.Bulk();
            theirs.Add(patches / clock.Elapsed.TotalSeconds);
            compared = JudgementComparison.Of(judged, said);
            ourSingle.Add(OneByOne(ground, i => judge.Judge(ground.Patches[i], index)));
            var single = peer.Single();
            theirSingle.Add(OneByOne(ground, i => single(ground.Patches[i].Id)));
            peer.EndSingle();
            Console.WriteLine(Say($"round {round + 1}: bulk {ours[^1]:F0}/s beside {theirs[^1]:F0}/s; single {ourSingle[^1]:F1} µs beside {theirSingle[^1]:F1} µs; {compared}"));
        }

        var text = Say(
            $"""
            # Judgement beside PostGIS

            {parcels:N0} parcels, {parcels / 10:N0} permits, {Math.Max(3, parcels / 1000):N0} ragged control lines, {patches:N0} patches, seeded (`bench/JudgementGround.cs`), on {Machine.Describe()}.
            {peer.Version}: GiST indexes, ANALYZE, outlines stored in metres (EPSG:4549) so that nothing is projected while it is asked; shared_buffers 2 GB, work_mem 256 MB, jit off,
            no cost for starting workers, two of them without the leader, all data in memory. Alternating runs, the best of {Rounds} of each side. Made by `dotnet run -c Release --project bench -- judgement`.

            Both sides give, and are compared in, the verdict by permits and control lines, the m² outside of all approvals beyond the tolerance, every parcel touched with its m², every line that the patch lies in
            with its m². PostGIS asks one kind of permit and fixed days, and stops there. Ours is the whole judgement, with what PostGIS does not compute: region and local days, chains of permit versions, use, area and
            height, stage findings, occupied 耕地 and 永久基本农田, planned use, severity, geodesic instead of plane areas, and all reasons as text.

            | | here | PostGIS | ratio | asked |
            |---|---|---|---|---|
            | in bulk, {Threads} threads or workers, patches a second | {ours.Max():F0} | {theirs.Max():F0} | {ours.Max() / theirs.Max():F1} | 3 |
            | one at a time, median µs (prepared statement, unix socket) | {ourSingle.Min():F1} | {theirSingle.Min():F1} | {theirSingle.Min() / ourSingle.Min():F1} | 10 |
            | building the index, s (PostGIS: load, project, index, analyse) | {built.TotalSeconds:F1} | {loaded.TotalSeconds:F1} | | |

            Compared: {compared}.

            Features in memory {(features - before) / 1048576:N0} MiB (with the patches), the index {(indexed - features) / 1048576:N0} MiB more, what judging keeps beside it (edges of lines by place) {Math.Max(0, used - indexed) / 1048576:N0} MiB.

            ## As the register grows

            Permits, lines and ground in proportion, 20,000 patches, one thread, the best of {Rounds}.

            | parcels | µs a patch |
            |---|---|
            {growth}
            ## After a plan change

            Which sites the pipeline judges again (`ConcernedSites`), beside those whose judgement differs, found by judging all {patches:N0} before and after.

            | change | next version of the index, ms | judged again | differ | differ, not judged again |
            |---|---|---|---|---|
            {JudgementChanges.Rows(ground, index, rules)}
            ## The plan of PostGIS

            ```
            {peer.Plan()}
            ```

            """);
        File.WriteAllText(Path.Combine(results, "judgement.md"), text);
        Console.WriteLine(text);
    }

    private static void Grown(StringBuilder rows, JudgementGround ground, PlanIndex index, PatchJudge judge)
    {
        var best = double.PositiveInfinity;
        var count = Math.Min(20_000, ground.Patches.Count);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < count; i++)
            {
                judge.Judge(ground.Patches[i], index);
            }

            best = Math.Min(best, clock.Elapsed.TotalMicroseconds / count);
        }

        rows.AppendLine(Say($"| {ground.Features.Count(f => f is Parcel):N0} | {best:F1} |"));
        Console.WriteLine(Say($"{ground.Features.Count(f => f is Parcel)} parcels: {best:F1} µs a patch"));
    }

    private static double OneByOne(JudgementGround ground, Action<int> ask)
    {
        var times = new double[Singles];
        for (var i = 0; i < Singles; i++)
        {
            var at = (int)(i * 7919L % ground.Patches.Count);
            var start = Stopwatch.GetTimestamp();
            ask(at);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[Singles / 2];
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What both sides said of the same patches.</summary>
internal sealed record JudgementComparison(int Patches = 0, int Conflicts = 0, int Parcels = 0, int Lines = 0, int Margins = 0, int Chords = 0)
{
    /// <summary>A figure that decides may lie this near to the least area that counts, of which it is a share: chords of arcs and scale of the projection fall to either side.</summary>
    private const double Margin = 0.002;

    /// <summary>The overlay libraries of both sides draw buffers of outlines that overlap with chords from other places, and leave out shallow corners, each in its own way: so many m² may lie between them.</summary>
    private const double ChordsMost = 3;

    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static JudgementComparison Of(PatchJudgement[] ours, List<JudgementPeer.Said> theirs)
    {
        List<string> wrong = [];
        var (parcels, lines, margins, conflicts, chords) = (0, 0, 0, 0, 0);
        if (theirs.Count != ours.Length)
        {
            wrong.Add($"{theirs.Count} answers for {ours.Length} patches");
        }

        foreach (var said in theirs)
        {
            var own = ours[int.Parse(said.Id.AsSpan(1), CultureInfo.InvariantCulture)];
            var near = said.LineSure.Append(said.Missing).Append(said.Doubtful).Any(a => Math.Abs((a / said.Least) - 1) < Margin);
            margins += near ? 1 : 0;
            conflicts += own.Verdict is Verdict.Conflict ? 1 : 0;
            if (own.Verdict != said.Verdict && !near)
            {
                wrong.Add($"{said.Id}: {own.Verdict}; in PostGIS {said.Verdict}, {said.Missing:F2} m² outside");
            }

            var outside = own.Reasons.FirstOrDefault(r => r.Code is "no-approval" or "outside-approval");
            if (!near && (outside is null ? said.Missing >= said.Least : Math.Abs(Area(outside) - said.Missing) > ChordsMost + (1e-4 * said.Missing)))
            {
                wrong.Add($"{said.Id}: {(outside is null ? "nothing" : outside.Facts["area_m2"])} outside of approvals; in PostGIS {said.Missing:F2}");
            }

            chords += outside is not null && !Same(Area(outside), said.Missing) ? 1 : 0;

            // Slivers are not told.
            parcels += Pairs("parcel", "parcel_id", said.Parcels, said.ParcelAreas, (_, area) => area >= Math.Max(1, said.Least / 4), Math.Max(1, said.Least / 4));
            lines += Pairs("inside-control-line", "control_line", said.Lines, said.LineAreas, (i, _) => said.LineSure[i] >= said.Least, said.Least);

            int Pairs(string code, string id, string[] ids, double[] areas, Func<int, double, bool> told, double least)
            {
                var here = own.Reasons.Where(r => r.Code == code).ToDictionary(r => r.Facts[id], Area, StringComparer.Ordinal);
                for (var i = 0; i < ids.Length; i++)
                {
                    var edge = code == "parcel" ? Math.Abs((areas[i] / least) - 1) < Margin : near;
                    if (!edge && here.TryGetValue(ids[i], out var area) != told(i, areas[i]) && here.Count < 10)
                    {
                        wrong.Add($"{said.Id} {ids[i]}: told {!told(i, areas[i])}; in PostGIS {areas[i]:F2} m²");
                    }
                    else if (here.Remove(ids[i], out area) && !Same(area, areas[i]))
                    {
                        wrong.Add($"{said.Id} {ids[i]}: {area:F0} m²; in PostGIS {areas[i]:F2} m²");
                    }
                }

                wrong.AddRange(here.Keys.Select(k => $"{said.Id} {k}: told; not in PostGIS"));
                return ids.Length;
            }
        }

        return wrong.Count == 0
            ? new(theirs.Count, conflicts, parcels, lines, margins, chords)
            : throw new InvalidOperationException($"{wrong.Count} answers differ from PostGIS:\n" + string.Join("\n", wrong.Take(20)));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Patches:N0} patches ({Conflicts:N0} conflicts), {Parcels:N0} parts of parcels, {Lines:N0} of lines, none differs by more than rounding to whole m², but {Chords:N0} areas outside of approvals, by up to {ChordsMost} m² (chords of buffers); {Margins:N0} patches have a figure within {Margin:P1} of the least area that counts, where either verdict will do");

    /// <summary>Whole m² here; the plane of the projection is up to 6 parts in 100,000 larger 50 km off its meridian.</summary>
    private static bool Same(double told, double area) => Math.Abs(told - area) <= 0.55 + (1e-4 * area);

    private static double Area(Reason reason) => double.Parse(reason.Facts["area_m2"], CultureInfo.InvariantCulture);
}
