using System.Globalization;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans.Quality;

namespace Monitoring.Ingest.Plans.Patches;

/// <summary>Reads patches pushed from above (docs/formats/pushed-patches.md).</summary>
internal static class PushedPatchReader
{
    private const string Number = "number", Batch = "batch", Before = "before_date", After = "after_date", Kind = "kind", Region = "region_code", Area = "stated_area_m2", AreaMu = "stated_area_mu";

    private static readonly Dictionary<string, string[]> Presets = new()
    {
        [Number] = ["图斑编号", "TBBH", "监测图斑编号", "JCTBBH", "JCBH", "TBBSM", "item_code"],
        [Batch] = ["批次", "下发批次", "批次号", "XFPC", "PCH", "PC", "batch_no"],
        [Before] = ["前时相", "前时相日期", "QSX", "QSXRQ"],
        [After] = ["后时相", "后时相日期", "HSX", "HSXRQ"],
        [Kind] = ["变化类型", "图斑类型", "TBLX", "BHLX"],
        [Region] = ["XZQDM", "行政区代码", "行政区划代码", "县级代码"],
        [Area] = ["图斑面积", "监测面积", "TBMJ", "JCMJ"],
        [AreaMu] = ["面积亩", "图斑面积亩", "TBMJ_MU"],
    };

    /// <returns>The patches and the batch's name, or null with what is wrong; faults of single patches stand in the report.</returns>
    public static (IReadOnlyList<PushedPatch>? Patches, string? Batch, IReadOnlyList<string> Told) Read(RowReader rows, ImportRequest request, CancellationToken cancellationToken)
    {
        var batches = new SortedSet<string>(StringComparer.Ordinal);
        var patches = rows.Read(Presets, [Number], Number, "polygon", Make, static p => p.Number, cancellationToken);
        if (rows.BindingProblems is { Count: > 0 } unbound)
            return (null, null, unbound);
        if (rows.Report.Errors > 0)
            return (null, null, []);
        if (request.Batch is { } named)
        {
            return named.Length is > 0 and <= 128 && (batches.Count == 0 || batches.SetEquals([named]))
                ? (patches, named, [])
                : (null, null, [$"--batch {named} is empty, longer than 128 characters, or not the batch that the patches themselves name ({string.Join(", ", batches.Take(5))})."]);
        }

        return batches.Count switch
        {
            1 => (patches, batches.Min, []),
            0 => (null, null, [$"{request.Path} does not say which batch its patches belong to; name it with --batch, or the column with --map batch=COLUMN."]),
            _ => (null, null, [$"{request.Path} holds several batches ({string.Join(", ", batches.Take(5))}); split it, each batch is a delivery of its own."]),
        };

        PushedPatch? Make(FeatureFields fields, Outline outline, double? length)
        {
            var number = fields.RequiredText(Number, 128);
            if (fields.Text(Batch, 128) is { } batch)
                batches.Add(batch);
            var (before, after) = (fields.Date(Before), fields.Date(After));
            if (before is { } first && after is { } second && second < first)
                fields.Fault(string.Create(CultureInfo.InvariantCulture, $"has its image after ({second:yyyy-MM-dd}) earlier than its image before ({first:yyyy-MM-dd}); exchange the columns with --map"), FaultCodes.Field);
            var stated = fields.Amount(Area) ?? fields.Amount(AreaMu) * LandArea.SquareMetersPerMu;
            return number is null ? null : new PushedPatch
            {
                Number = number,
                Outline = outline,
                BeforeDate = before,
                AfterDate = after,
                Kind = fields.Text(Kind),
                RegionCode = fields.Text(Region, 32),
                StatedAreaSquareMeters = stated,
                SourceFields = fields.Binding.Everything(fields.Feature),
            };
        }
    }
}
