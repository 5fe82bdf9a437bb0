using System.Globalization;
using System.Net;
using System.Text;
using NetTopologySuite.Geometries;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans.Quality;

/// <summary>
/// The picture of where: the layer in grey, a numbered mark at each fault, and for the first ones a close view. SVG without script or
/// outside reference; numbers are those of the text report.
/// </summary>
internal static class ReportPicture
{
    private const double Wide = 1000, High = 760, Inset = 232, Gap = 12;
    private const int MostMarks = 2_000, MostInsets = 12, MostLines = 14;

    /// <summary>Corners drawn of the layer; beyond, features become their boxes.</summary>
    private const int MostCorners = 200_000;

    public static string Draw(QualityReport report, IReadOnlyList<Outline> outlines)
    {
        var svg = new StringBuilder();
        var placed = report.Faults.Select((fault, index) => (Fault: fault, Number: index + 1)).Where(f => f.Fault is { Lon: not null, Lat: not null }).ToList();
        var insets = placed.DistinctBy(f => (f.Fault.Code, Math.Round(f.Fault.Lon!.Value, 5), Math.Round(f.Fault.Lat!.Value, 5))).OrderBy(f => !f.Fault.IsError).Take(MostInsets).ToList();
        var rows = (insets.Count + 3) / 4;
        var height = High + 60 + (rows * (Inset + Gap + 18)) + 20;
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Wide} {height}" width="{Wide}" height="{height}" font-family="'Noto Sans CJK SC','Noto Sans',sans-serif" font-size="12">""").AppendLine();
        svg.AppendLine("""<rect width="100%" height="100%" fill="#ffffff"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="12" y="22" font-size="16" font-weight="bold">{Safe(report.Source)} → {Safe(report.Layer ?? "")}</text>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="12" y="42">{report.Features} features, {report.Errors} errors, {report.Warnings} warnings; nothing was repaired. Marks carry the numbers of the text report.</text>""").AppendLine();

        var box = new Envelope();
        foreach (var outline in outlines)
            box.ExpandToInclude(outline.Box);
        foreach (var (fault, _) in placed)
            box.ExpandToInclude(fault.Lon!.Value, fault.Lat!.Value);
        Panel(svg, "main", 12, 54, Wide - 24, High - 60, box, outlines, placed, big: true);
        Legend(svg, report);
        for (var i = 0; i < insets.Count; i++)
        {
            double x = 12 + (i % 4 * (Inset + Gap)), y = High + 22 + (i / 4 * (Inset + Gap + 18));
            var (fault, number) = insets[i];
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x}" y="{y + 12}" fill="{Colour(fault)}">{number}. {Safe(fault.Code)} {Safe(Short(fault.Id))}</text>""");
            Panel(svg, "i" + i.ToString(CultureInfo.InvariantCulture), x, y + 18, Inset, Inset, Close(fault), outlines, [(fault, number)], big: false);
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void Panel(
        StringBuilder svg, string id, double left, double top, double width, double height, Envelope box, IReadOnlyList<Outline> outlines, List<(QualityFault Fault, int Number)> faults, bool big)
    {
        var squeeze = Math.Max(Math.Cos(box.Centre.Y * Math.PI / 180), 0.01);
        double spanX = Math.Max(box.Width * squeeze, 1e-7), spanY = Math.Max(box.Height, 1e-7);
        var scale = Math.Min((width - 16) / spanX, (height - 16) / spanY);
        double Px(double lon) => left + (width / 2) + ((lon - box.Centre.X) * squeeze * scale);
        double Py(double lat) => top + (height / 2) - ((lat - box.Centre.Y) * scale);
        svg.Append(CultureInfo.InvariantCulture, $"""<clipPath id="{id}"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath><rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#f7f7f5" stroke="#999"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<g clip-path="url(#{id})">""");
        var seen = new Envelope(box);
        seen.ExpandBy(box.Width + 1e-7, box.Height + 1e-7);
        var shown = outlines.Where(o => o.Box.Intersects(seen)).ToList();
        var boxes = shown.Sum(o => (long)o.Shape.NumPoints) > MostCorners;
        svg.Append("""<g fill="#cfd6da" fill-opacity="0.5" fill-rule="evenodd" stroke="#8d969c" stroke-width="0.6">""");
        foreach (var outline in shown.Where(o => o.Shape is IPolygonal).Take(MostCorners / 4))
        {
            svg.Append("<path d=\"");
            Path(svg, boxes ? outline.Shape.Envelope : outline.Shape, Px, Py);
            svg.Append("\"/>");
        }

        svg.Append("</g>");
        svg.Append("""<path fill="none" stroke="#5f7d95" stroke-width="1" d=" """);
        foreach (var outline in shown.Where(o => o.Shape is ILineal).Take(MostCorners / 4))
            Path(svg, outline.Shape, Px, Py);
        svg.AppendLine("\"/>");
        foreach (var (fault, number) in faults.Take(MostMarks))
        {
            var colour = Colour(fault);
            if (fault.Shape is { } shape)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<path fill="{colour}" fill-opacity="0.45" fill-rule="evenodd" stroke="{colour}" stroke-width="1.2" d=" """);
                Path(svg, shape, Px, Py);
                svg.Append("\"/>");
            }

            double x = Px(fault.Lon!.Value), y = Py(fault.Lat!.Value);
            var radius = big ? 5 : 8;

            // Form tells errors from warnings where colour does not.
            svg.Append(fault.IsError
                ? string.Create(CultureInfo.InvariantCulture, $"""<path d="M{x - radius:0.##} {y - radius:0.##}L{x + radius:0.##} {y + radius:0.##}M{x - radius:0.##} {y + radius:0.##}L{x + radius:0.##} {y - radius:0.##}" stroke="{colour}" stroke-width="2.5"/>""")
                : string.Create(CultureInfo.InvariantCulture, $"""<circle cx="{x:0.##}" cy="{y:0.##}" r="{radius}" fill="none" stroke="{colour}" stroke-width="2"/>"""));
            if (big && faults.Count <= 200)
                svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x + 7:0.##}" y="{y - 4:0.##}" font-size="10" fill="{colour}">{number}</text>""");
        }

        svg.AppendLine("</g>");
        Scale(svg, left, top, width, height, scale);
    }

    /// <summary>A round length that takes about a quarter of the panel.</summary>
    private static void Scale(StringBuilder svg, double left, double top, double width, double height, double pixelsPerDegree)
    {
        const double metresPerDegree = 111_000;
        var wanted = width / 4 / pixelsPerDegree * metresPerDegree;
        var power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        var metres = wanted / power >= 5 ? 5 * power : wanted / power >= 2 ? 2 * power : power;
        double length = metres / metresPerDegree * pixelsPerDegree, x = left + 10, y = top + height - 10;
        var text = metres >= 1000 ? $"{metres / 1000:0} km" : metres >= 1 ? $"{metres:0} m" : $"{metres * 100:0.##} cm";
        svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{x:0.##} {y - 4:0.##}v4h{length:0.##}v-4" fill="none" stroke="#333"/><text x="{x + 4:0.##}" y="{y - 6:0.##}" font-size="10" fill="#333">{text}</text>""").AppendLine();
    }

    private static void Legend(StringBuilder svg, QualityReport report)
    {
        var y = 72.0;
        var rows = report.Counts.Count;
        if (rows == 0)
            return;
        svg.Append(CultureInfo.InvariantCulture, $"""<rect x="20" y="60" width="210" height="{(Math.Min(rows, MostLines) * 16) + 10}" fill="#ffffff" fill-opacity="0.85" stroke="#bbb"/>""");
        foreach (var (code, (errors, warnings)) in report.Counts.Take(MostLines))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="28" y="{y + 4}" fill="{(errors > 0 ? Error : Warning)}">{(errors > 0 ? "✕" : "○")} {Safe(code)}: {errors + warnings}</text>""");
            y += 16;
        }

        svg.AppendLine();
    }

    private static Envelope Close(QualityFault fault)
    {
        var box = fault.Shape?.EnvelopeInternal is { } shape ? new Envelope(shape) : new Envelope(fault.Lon!.Value, fault.Lon.Value, fault.Lat!.Value, fault.Lat.Value);

        // At least about 4 m across, at most what shows a strip kilometres long around its mark.
        var margin = Math.Max(Math.Max(box.Width, box.Height) * 0.35, fault.Shape is null ? 2e-4 : 2e-5);
        box.ExpandBy(margin);
        if (Math.Max(box.Width, box.Height) > 0.02)
            box = new Envelope(fault.Lon!.Value - 0.003, fault.Lon.Value + 0.003, fault.Lat!.Value - 0.003, fault.Lat.Value + 0.003);
        return box;
    }

    private static void Path(StringBuilder svg, Geometry shape, Func<double, double> px, Func<double, double> py)
    {
        for (var part = 0; part < shape.NumGeometries; part++)
        {
            switch (shape.GetGeometryN(part))
            {
                case Polygon polygon:
                    Line(polygon.ExteriorRing, close: true);
                    for (var hole = 0; hole < polygon.NumInteriorRings; hole++)
                        Line(polygon.GetInteriorRingN(hole), close: true);
                    break;
                case LineString line:
                    Line(line, close: false);
                    break;
            }
        }

        void Line(LineString line, bool close)
        {
            var first = true;
            foreach (var at in line.Coordinates)
            {
                svg.Append(first ? 'M' : 'L').Append(px(at.X).ToString("0.##", CultureInfo.InvariantCulture)).Append(' ').Append(py(at.Y).ToString("0.##", CultureInfo.InvariantCulture));
                first = false;
            }

            if (close)
                svg.Append('Z');
        }
    }

    private const string Error = "#b3261e", Warning = "#0b57a4";

    private static string Colour(QualityFault fault) => fault.IsError ? Error : Warning;

    private static string Short(string? id) => id is null ? "" : id.Length <= 20 ? id : string.Concat(id.AsSpan(0, 19), "…");

    private static string Safe(string text) => WebUtility.HtmlEncode(new string([.. text.Where(static c => !char.IsControl(c))]));
}
