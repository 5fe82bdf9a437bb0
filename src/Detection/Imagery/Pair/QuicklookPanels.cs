using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Pair.Pass;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>Both dates in the colours of the quicklook, [row][column] of the overview.</summary>
internal sealed record QuicklookPanels(Ink[] Before, Ink[] After)
{
    public static QuicklookPanels Of(PairOverview overview, PairModel model)
    {
        var tones = Stretch.Of(overview.After);
        return new QuicklookPanels(Painted(tones, Carried(overview, model)), Painted(tones, overview.After));
    }

    private static Ink[] Painted(Stretch tones, ReadOnlySpan<float> planes)
    {
        var inks = new Ink[planes.Length / 3];
        for (var i = 0; i < inks.Length; i++)
        {
            inks[i] = tones.Ink(planes, i, inks.Length);
        }

        return inks;
    }

    /// <summary>The baseline carried onto the current scene's radiometry, as the detector compared them.</summary>
    private static float[] Carried(PairOverview overview, PairModel model)
    {
        var before = overview.Before.ToArray();
        var plane = overview.Width * overview.Height;
        for (var c = 0; c < 3; c++)
        {
            var line = model.Lines[overview.Bands[c]];
            foreach (ref var value in before.AsSpan(c * plane, plane))
            {
                var root = (Math.Sqrt(Math.Max(0, value)) * line.Slope) + line.Offset;
                value = value == 0 ? 0 : (float)(Math.Max(0, root) * root);
            }
        }

        return before;
    }
}
