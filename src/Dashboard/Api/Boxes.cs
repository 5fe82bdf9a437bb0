using System.Globalization;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api;

/// <summary>Boxes in text: west,south,east,north in degrees.</summary>
internal static class Boxes
{
    public const string Fault = "A bbox is west,south,east,north in degrees: four numbers, west < east in [-180, 180], south < north in [-90, 90].";

    public static double[] ToArray(Envelope box) => [box.MinX, box.MinY, box.MaxX, box.MaxY];

    public static bool TryParse(string? text, out Envelope? box)
    {
        box = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        Span<Range> parts = stackalloc Range[5];
        if (text.AsSpan().Split(parts, ',') != 4)
        {
            return false;
        }

        Span<double> n = stackalloc double[4];
        for (var i = 0; i < 4; i++)
        {
            if (!double.TryParse(text.AsSpan(parts[i]), NumberStyles.Float, CultureInfo.InvariantCulture, out n[i]) || !double.IsFinite(n[i]))
            {
                return false;
            }
        }

        if (!(n[0] >= -180 && n[0] < n[2] && n[2] <= 180 && n[1] >= -90 && n[1] < n[3] && n[3] <= 90))
        {
            return false;
        }

        box = new Envelope(n[0], n[2], n[1], n[3]);
        return true;
    }
}
