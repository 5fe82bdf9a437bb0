using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// Clouds, their shadows and haze of one pass on a grid of 40 m nodes; pixels interpolate between them, so the truth of what a
/// pass could see is the same whether asked for one site or for the whole scene.
/// </summary>
internal sealed class Atmosphere
{
    public const int PixelsPerNode = 4;

    /// <summary>Above this cloud opacity a pixel is not clear.</summary>
    public const float ClearOpacity = 0.03f;

    /// <summary>Above this shadow strength a pixel is not clear.</summary>
    public const float ClearShadow = 0.10f;

    /// <summary>Above this veil a pixel is not clear.</summary>
    public const float ClearHaze = 0.5f;

    private readonly int _columns;
    private readonly PassConditions _conditions;

    public Atmosphere(County county, PassConditions conditions)
    {
        _conditions = conditions;
        _columns = county.Frame.Columns / PixelsPerNode + 2;
        var rows = county.Frame.Rows / PixelsPerNode + 2;
        var d = county.Dice.For("sky").For(conditions.Date.DayNumber);
        Opacity = new float[_columns * rows];
        Shadow = new float[_columns * rows];
        Haze = new float[_columns * rows];
        Body = new float[_columns * rows];
        const double step = PixelsPerNode * RasterFrame.PixelMeters;
        var veil = new ValueNoise(d.For("veil"));
        if (conditions.Haze > 0.01)
            for (var j = 0; j < rows; j++)
                for (var i = 0; i < _columns; i++)
                    Haze[j * _columns + i] = (float)(conditions.Haze * Math.Clamp(0.55 + 0.8 * veil.Octaves(i * step / 5200, j * step / 5200, 3), 0, 1));

        if (conditions.CloudShare < 0.002) return;
        var noise = new ValueNoise(d.For("cloud"));
        var wave = 600 * Math.Exp(d.Between(0, 2, 1));
        var stretch = d.Between(0.6, 1.0, 2);
        var turn = d.Between(0, Math.PI, 3);
        double c = Math.Cos(turn), s = Math.Sin(turn);
        double At(double x, double y) => noise.Octaves((x * c + y * s) / wave, (y * c - x * s) * stretch / wave, 6);
        var heights = d.Between(700, 1900, 4) / Math.Tan(conditions.SunElevation * Math.PI / 180);
        var azimuth = conditions.SunAzimuth * Math.PI / 180;
        // A pixel lies in the shadow of the cloud that stands between it and the sun: look from the pixel towards the sun.
        double dx = heights * Math.Sin(azimuth), dy = -heights * Math.Cos(azimuth);
        var field = new double[Opacity.Length];
        for (var j = 0; j < rows; j++)
            for (var i = 0; i < _columns; i++)
                field[j * _columns + i] = At(i * step, j * step);
        var sorted = (double[])field.Clone();
        Array.Sort(sorted);
        var threshold = conditions.CloudShare >= 1 ? sorted[0] : sorted[(int)((1 - conditions.CloudShare) * (sorted.Length - 1))];
        for (var j = 0; j < rows; j++)
            for (var i = 0; i < _columns; i++)
            {
                var k = j * _columns + i;
                Opacity[k] = Edge(field[k] - threshold);
                Body[k] = (float)Math.Clamp((field[k] - threshold) * 2.2 + 0.25 * noise.At(i / 3.0, j / 3.0), 0, 1);
                Shadow[k] = Edge(At(i * step + dx, j * step + dy) - threshold);
            }
    }

    public float[] Opacity { get; }

    public float[] Shadow { get; }

    public float[] Haze { get; }

    /// <summary>How deep into a cloud, 0 at its edge to 1: deep cloud is brighter.</summary>
    public float[] Body { get; }

    /// <summary>One row of pixels of a field, interpolated.</summary>
    public void Row(float[] field, int row, Span<float> into)
    {
        var fy = (row + 0.5f) / PixelsPerNode;
        var j = (int)fy;
        var v = fy - j;
        var top = field.AsSpan(j * _columns, _columns);
        var bottom = field.AsSpan((j + 1) * _columns, _columns);
        for (var x = 0; x < into.Length; x++)
        {
            var fx = (x + 0.5f) / PixelsPerNode;
            var i = (int)fx;
            var u = fx - i;
            var a = top[i] + (top[i + 1] - top[i]) * u;
            var b = bottom[i] + (bottom[i + 1] - bottom[i]) * u;
            into[x] = a + (b - a) * v;
        }
    }

    /// <summary>Whether the ground of a pixel was truly seen: inside the swath, no cloud, no shadow, no thick veil.</summary>
    public bool IsClear(int column, int row) =>
        IsSeen(column, row) && Value(Opacity, column, row) < ClearOpacity && Value(Shadow, column, row) < ClearShadow
        && Value(Haze, column, row) < ClearHaze;

    /// <summary>Whether a pixel lay inside the swath.</summary>
    public bool IsSeen(int column, int row) =>
        _conditions.SwathEdge is not { } e
        || e.A * (column + 0.5) * RasterFrame.PixelMeters + e.B * (row + 0.5) * RasterFrame.PixelMeters <= e.C;

    private float Value(float[] field, int column, int row)
    {
        float fx = (column + 0.5f) / PixelsPerNode, fy = (row + 0.5f) / PixelsPerNode;
        int i = (int)fx, j = (int)fy;
        float u = fx - i, v = fy - j;
        var a = field[j * _columns + i] * (1 - u) + field[j * _columns + i + 1] * u;
        var b = field[(j + 1) * _columns + i] * (1 - u) + field[(j + 1) * _columns + i + 1] * u;
        return a + (b - a) * v;
    }

    private static float Edge(double above)
    {
        // From the first wisp to an opaque core.
        var t = Math.Clamp((above + 0.035) / 0.14, 0, 1);
        return (float)(t * t * (3 - 2 * t));
    }
}
