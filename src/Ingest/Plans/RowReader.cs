using System.Globalization;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans.Quality;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans;

/// <summary>Reads the rows of a table into values of ours; every fault goes into the report. For one thread at a time.</summary>
internal sealed class RowReader(PlanImportOptions options, ImportRequest request, IFeatureTable table, ToCommonCrs common, QualityReport report, LandCodes codes)
{
    /// <summary>Stands in for an outline that was refused, while the attributes are looked at.</summary>
    private static readonly Outline Nowhere =
        new(NetTopologySuite.NtsGeometryServices.Instance.CreateGeometryFactory(Outline.Srid).CreatePolygon(), 0, "EPSG:4490");

    private readonly List<Outline> _outlines = [];

    /// <summary>Outlines that could be placed.</summary>
    public IReadOnlyList<Outline> Outlines => _outlines;

    /// <summary>Columns that were not found; then no row was read.</summary>
    public IReadOnlyList<string> BindingProblems { get; private set; } = [];

    public QualityReport Report => report;

    /// <param name="presets">Our fields with other names of their columns.</param>
    /// <param name="geometry"><c>polygon</c>, <c>line</c>, <c>point</c> or <c>any</c>.</param>
    /// <param name="make">Makes the value of fields, outline and length in m of a line; null when something is wrong, which it has told.</param>
    /// <param name="placedValues">Gets every value with a place, also those that are refused for something else: a wrong code leaves no gap.</param>
    /// <exception cref="RefusedInputException">Too many corners.</exception>
    public List<T> Read<T>(
        IReadOnlyDictionary<string, string[]> presets, IReadOnlyList<string> required, string idField, string geometry,
        Func<FeatureFields, Outline, double?, T?> make, Func<T, string> idOf, CancellationToken cancellationToken, List<T>? placedValues = null)
        where T : class
    {
        var problems = new ProblemList(options.MaxProblemsTold);
        var binding = FieldBinding.Bind(presets, required, table, request.Map, problems);
        if (problems.Any)
        {
            BindingProblems = problems.Sentences;
            return [];
        }

        var taken = new List<T>();
        var firstWith = new Dictionary<string, long>(StringComparer.Ordinal);
        long vertices = 0;
        foreach (var row in table.ReadAll())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = report.Errors;
            var fields = new FeatureFields(binding, row, idField, report, codes);
            var converted = common.Convert(row.Wkb, geometry);
            if (converted.Outline is { } placed)
            {
                fields.Box = placed.Box;
                fields.Drawn = placed.Shape;
                _outlines.Add(placed);
                vertices += placed.Shape.NumPoints;
                if (vertices > options.MaxVertices)
                    throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{request.Path} has more than {options.MaxVertices} corners; split it."));
            }
            else
            {
                if (converted.LonLat is { } at)
                    fields.Box = new NetTopologySuite.Geometries.Envelope(at.Lon, at.Lon, at.Lat, at.Lat);
                fields.Drawn = converted.Drawn;
                fields.Fault(converted.Problem!, converted.Code!, converted.At);
            }

            // The attributes are read in any case: all that is wrong is told at once.
            var value = make(fields, converted.Outline ?? Nowhere, converted.LengthMeters);
            if (value is null || converted.Outline is null)
                continue;
            placedValues?.Add(value);
            if (report.Errors > before)
                continue;
            var id = idOf(value);
            if (!firstWith.TryAdd(id, row.Fid))
            {
                fields.Fault(string.Create(CultureInfo.InvariantCulture, $"has the id of feature {firstWith[id]}; ids are unique within an import"), FaultCodes.DuplicateId);
                continue;
            }

            taken.Add(value);
        }

        return taken;
    }
}
