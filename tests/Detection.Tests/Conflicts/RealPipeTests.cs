using System.Diagnostics;
using Monitoring.Detection.Conflicts;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using static Monitoring.Detection.Tests.Conflicts.Plot;

namespace Monitoring.Detection.Tests.Conflicts;

/// <summary>3,331 water pipes and 1,300 parcels of a real city, with their diameters.</summary>
public sealed class RealPipeTests(ITestOutputHelper output)
{
    private const int SubsetPipes = 500;

    [Fact]
    public void Nanaimo_AllPipesAndParcels_AreChecked()
    {
        var (pipes, parcels) = (Pipes(), Parcels());
        pipes.Count.ShouldBe(3331);
        parcels.Count.ShouldBe(1300);
        var clock = Stopwatch.StartNew();

        var report = Check(pipes, parcels);

        output.WriteLine($"{clock.Elapsed.TotalSeconds:0.00} s; {string.Join(", ", report.Totals.Select(t => $"{t.Count} {t.Kind} ({t.AreaSquareMeters:0} m², {t.LengthMeters:0} m)"))}");
        report.Subjects.Count.ShouldBe(3331);
        report.Totals.Select(t => t.Kind).ShouldBe(["parcel", "pipe_crossing"]);

        // No depth is known: nothing is said of the third dimension.
        report.Conflicts.Where(c => c.Kind == "pipe_crossing").ShouldAllBe(c => c.Clearance!.PlanViewOnly && c.Clearance.Horizontal < 0);
        report.Notes.Select(n => n.Code).ShouldContain("depth-unknown");
    }

    /// <summary>The same by the topology suite on drawn outlines, every pair of a subset, joints by its own distances.</summary>
    [Fact]
    public void Nanaimo_Subset_EqualsAllPairsOfDrawnOutlines()
    {
        var pipes = Pipes().OrderBy(p => p.Outline.Box.Centre.X).ThenBy(p => p.Outline.Box.Centre.Y).Take(SubsetPipes).ToList();
        var parcels = Parcels();
        var report = Check(pipes, parcels);
        var plane = Detection.Judgement.LocalPlane.At(pipes.Select(p => p.Outline.Box).Aggregate(new Envelope(), (all, b) => { all.ExpandToInclude(b); return all; }));
        var drawn = pipes.OrderBy(p => p.Id, StringComparer.Ordinal).Select(p => (p.Id, Axis: plane.ToMeters(p.Outline.Shape), Half: Half(p))).ToList();

        var clashes = new List<string>();
        var overlapping = 0;
        for (var i = 0; i < drawn.Count; i++)
        {
            for (var j = i + 1; j < drawn.Count; j++)
            {
                var (a, b) = (drawn[i], drawn[j]);
                var reach = a.Half + b.Half;
                if (a.Axis.Distance(b.Axis) >= reach)
                {
                    continue;
                }

                overlapping++;

                // What lies together farther than four widths from an end of one in the other is no joint.
                var together = a.Axis.Intersection(b.Axis.Buffer(reach, 64));
                var joints = Ends(a.Axis).Where(e => e.Distance(b.Axis) <= b.Half + 0.05).Concat(Ends(b.Axis).Where(e => e.Distance(a.Axis) <= a.Half + 0.05)).ToList();
                var free = together;
                foreach (var joint in joints)
                {
                    free = free.Difference(joint.Buffer((4 * reach) + 0.05, 64));
                }

                if (joints.Count == 0 || free.Length > 0.01)
                {
                    clashes.Add($"{a.Id}+{b.Id}");
                }
            }
        }

        output.WriteLine($"{overlapping} pairs of {drawn.Count} pipes overlap seen from above, {clashes.Count} of them not at a joint");
        overlapping.ShouldBeGreaterThan(200);
        report.Conflicts.Where(c => c.Kind == "pipe_crossing").Select(c => $"{c.SubjectId}+{c.With!.Id}").Order(StringComparer.Ordinal).ShouldBe(clashes.Order(StringComparer.Ordinal));

        // Bodies in parcels: the same pairs, the same areas.
        var inParcels = new Dictionary<string, double>();
        var grounds = parcels.Select(p => (p.Id, Shape: plane.ToMeters(p.Outline.Shape))).ToList();
        foreach (var pipe in drawn)
        {
            var body = pipe.Axis.Buffer(pipe.Half, new NetTopologySuite.Operation.Buffer.BufferParameters(64, NetTopologySuite.Operation.Buffer.EndCapStyle.Flat));
            foreach (var (id, shape) in grounds)
            {
                if (body.Intersection(shape) is { Area: > 0 } common && Enumerable.Range(0, common.NumGeometries).Select(common.GetGeometryN).Where(g => g.Area > 0 && 2 * g.Area >= 0.01 * g.Length).Sum(g => g.Area) is > 0 and var area)
                {
                    inParcels[$"{pipe.Id}+{id}"] = area;
                }
            }
        }

        var told = report.Conflicts.Where(c => c.Kind == "parcel").ToDictionary(c => $"{c.SubjectId}+{c.With!.Id}", c => c.AreaSquareMeters);
        output.WriteLine($"{told.Count} pipes in parcels, {told.Values.Sum():0.0} m²");
        told.Keys.Order(StringComparer.Ordinal).ShouldBe(inParcels.Keys.Order(StringComparer.Ordinal));
        foreach (var (pair, area) in inParcels)
        {
            told[pair].ShouldBe(area, (0.005 * area) + 1e-4, pair);
        }
    }

    private static IEnumerable<Geometry> Ends(Geometry axis) => Enumerable.Range(0, axis.NumGeometries).Select(i => (LineString)axis.GetGeometryN(i)).SelectMany(l => new Geometry[] { l.StartPoint, l.EndPoint });

    private static double Half(PlanFeature pipe) => (pipe.Number("diameter_mm") ?? 300) / 2000;

    private static List<PlanFeature> Pipes() =>
        [.. Read("PIPES_AND_SERVICES_sm.shp", "DIAMETER").Select(r => Feature(PlanKinds.Pipe, $"{r.Number:0000}", r.Outline, "water", "pipe-media", values: r.Value is > 0 ? [("diameter_mm", r.Value)] : []))];

    private static List<Parcel> Parcels() => [.. Read("PARCELS_sm.shp", "AREA").Select(r => new Parcel { Id = $"{r.Number:0000}", Outline = r.Outline, LegalAreaSquareMeters = r.Value })];

    private static IEnumerable<(long Number, Outline Outline, double? Value)> Read(string file, string column)
    {
        using var data = VectorDataset.Open(TestData.Need("nanaimo", file));
        var layer = data.Layers[0];
        using var source = SpatialReference.FromEpsg(26910);
        using var target = SpatialReference.FromEpsg(4326);
        using var transform = new CoordinateTransform(source, target);
        var index = layer.Fields.ToList().FindIndex(f => f.Name == column);
        var reader = new WKBReader();
        foreach (var row in layer.ReadAll())
        {
            var shape = reader.Read(row.Wkb);
            double[] x = [.. shape.Coordinates.Select(c => c.X)], y = [.. shape.Coordinates.Select(c => c.Y)];
            transform.Transform(x, y).ShouldBe(0);
            var at = 0;
            shape.Apply(new InPlace((_, _) => (x[at], y[at++])));
            shape.GeometryChanged();
            var value = row.Values[index] is { } known && double.TryParse(Convert.ToString(known, System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : (double?)null;
            yield return (row.Fid, new Outline(shape, Shapes.AreaOf(shape), "EPSG:26910"), value);
        }
    }

    private sealed class InPlace(Func<double, double, (double X, double Y)> map) : IEntireCoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq)
        {
            for (var i = 0; i < seq.Count; i++)
            {
                var (x, y) = map(seq.GetX(i), seq.GetY(i));
                seq.SetX(i, x);
                seq.SetY(i, y);
            }
        }
    }
}
