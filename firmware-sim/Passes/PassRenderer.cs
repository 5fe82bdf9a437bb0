using System.Runtime.Intrinsics;
using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// A rendered pass. Bands: blue, green, red, nir, swir16, swir22 as reflectance × 10000 (0 = no data), then the provider's
/// quality band (0 no data, 1 clear, 2 cloud, 3 shadow). Each array is row-major, rows × columns of the county's frame.
/// </summary>
public sealed record RenderedPass(PassConditions Conditions, IReadOnlyList<ushort[]> Bands)
{
    /// <summary>Index of the quality band.</summary>
    public const int Quality = 6;

    /// <summary>Percent of the seen pixels that the provider calls cloud, 0 to 100.</summary>
    public double CloudCoverPercent { get; init; }

    /// <summary>Share of the frame inside the swath, 0 to 1.</summary>
    public double SeenShare { get; init; }
}

/// <summary>
/// Renders passes of one county. The ground is laid out in 5 m cells, coloured by the day's spectra, lit by the sun, blurred by
/// a point spread of about one pixel and shifted by the pass's misregistration; then come haze, shadows, clouds, the
/// instrument's gain, offset and noise, and quantisation. The same county and day give the same pixels. Holds
/// working memory of the county's size: one per thread.
/// </summary>
public sealed class PassRenderer
{
    private readonly County _county;
    private readonly GroundOnDay _ground;
    private readonly byte[] _shade;

    public PassRenderer(County county)
    {
        ArgumentNullException.ThrowIfNull(county);
        _county = county;
        _ground = new GroundOnDay(county);
        _shade = new byte[county.Canvas.Codes.Length];
    }

    /// <summary>Renders the pass of a day.</summary>
    public RenderedPass Render(DateOnly date)
    {
        var conditions = PassConditions.For(_county, date);
        _ground.Paint(date);
        CastShadows(conditions);
        var sky = new Atmosphere(_county, conditions);
        return Expose(conditions, new Spectra(conditions).Table, sky);
    }

    /// <summary>Marks the cells in the shadow of buildings and trees, away from the sun.</summary>
    private void CastShadows(PassConditions conditions)
    {
        Array.Clear(_shade);
        var canvas = _county.Canvas;
        var rise = Math.Tan(conditions.SunElevation * Math.PI / 180);
        var azimuth = conditions.SunAzimuth * Math.PI / 180;
        double stepX = -Math.Sin(azimuth), stepY = Math.Cos(azimuth);
        var heights = _ground.Heights;
        for (var row = 0; row < canvas.Rows; row++)
            for (var column = 0; column < canvas.Columns; column++)
            {
                var height = heights[row * canvas.Columns + column];
                if (height == 0) continue;
                var reach = height / rise / Canvas.CellMeters;
                for (var s = 1; s <= reach + 0.5; s++)
                {
                    var x = (int)Math.Round(column + stepX * s);
                    var y = (int)Math.Round(row + stepY * s);
                    if ((uint)x >= (uint)canvas.Columns || (uint)y >= (uint)canvas.Rows) break;
                    var cell = y * canvas.Columns + x;
                    var left = height - s * Canvas.CellMeters * rise;
                    if (heights[cell] >= left && s > 1) continue;
                    if (heights[cell] >= height) break;
                    // The last step is a part of a cell.
                    _shade[cell] = (byte)Math.Max(_shade[cell], s <= reach ? 255 : (int)(255 * (reach - s + 1)));
                }
            }
    }

    private RenderedPass Expose(PassConditions conditions, float[] table, Atmosphere sky)
    {
        int columns = _county.Frame.Columns, rows = _county.Frame.Rows;
        var bands = Enumerable.Range(0, 7).Select(_ => new ushort[columns * rows]).ToArray();
        var lens = new Lens(conditions.Shift, _county.Canvas.Columns, _county.Canvas.Rows, columns);
        var light = new Light(conditions);
        var line = new Vector256<float>[_county.Canvas.Columns];
        var blurred = Enumerable.Range(0, 4).Select(_ => new Vector256<float>[columns]).ToArray();
        Span<int> held = stackalloc int[4];
        held.Fill(int.MinValue);
        float[] opacity = new float[columns], shadow = new float[columns], haze = new float[columns], body = new float[columns];
        var gain = Six(conditions.Gain, 1);
        var offset = Six(conditions.Offset, 0);
        var quality = new QualityBand(_county, conditions, sky);
        var key = _county.Dice.For("noise").For(conditions.Date.DayNumber).Key;
        long seen = 0, cloudy = 0;
        for (var y = 0; y < rows; y++)
        {
            var top = lens.FirstRow(y);
            for (var k = 0; k < 4; k++)
            {
                var source = top + k;
                var slot = source & 3;
                if (held[slot] == source) continue;
                Colour(Math.Clamp(source, 0, _county.Canvas.Rows - 1), table, light, line);
                lens.BlurRow(line, blurred[slot]);
                held[slot] = source;
            }

            sky.Row(sky.Opacity, y, opacity);
            sky.Row(sky.Shadow, y, shadow);
            sky.Row(sky.Haze, y, haze);
            sky.Row(sky.Body, y, body);
            Vector256<float>[] b0 = blurred[top & 3], b1 = blurred[(top + 1) & 3], b2 = blurred[(top + 2) & 3], b3 = blurred[(top + 3) & 3];
            for (var x = 0; x < columns; x++)
            {
                if (!sky.IsSeen(x, y)) continue;
                seen++;
                var value = b0[x] * lens.V0 + b1[x] * lens.V1 + b2[x] * lens.V2 + b3[x] * lens.V3;
                value = Light.ThroughSky(value, opacity[x], shadow[x], haze[x], body[x]);
                var i = y * columns + x;
                var noise = Noise(key, i);
                value = value * gain + offset;
                // Shot noise grows with the root of the signal over a floor of the electronics.
                value += noise * (Vector256.Create(0.0006f) + Vector256.Sqrt(Vector256.Max(value, Vector256<float>.Zero)) * 0.0024f);
                for (var b = 0; b < 6; b++) bands[b][i] = Quantise(value.GetElement(b));
                var flag = quality.At(x, y);
                bands[RenderedPass.Quality][i] = flag;
                if (flag == 2) cloudy++;
            }
        }

        return new RenderedPass(conditions, bands)
        {
            CloudCoverPercent = seen == 0 ? 100 : Math.Round(100.0 * cloudy / seen, 2),
            SeenShare = seen / (double)(columns * (long)rows),
        };
    }

    private void Colour(int row, float[] table, Light light, Vector256<float>[] line)
    {
        var canvas = _county.Canvas;
        var start = row * canvas.Columns;
        var codes = _ground.Codes.AsSpan(start, canvas.Columns);
        var texture = canvas.Texture.AsSpan(start, canvas.Columns);
        var east = canvas.SlopeEast.AsSpan(start, canvas.Columns);
        var north = canvas.SlopeNorth.AsSpan(start, canvas.Columns);
        var shade = _shade.AsSpan(start, canvas.Columns);
        for (var x = 0; x < canvas.Columns; x++)
        {
            var value = Vector256.LoadUnsafe(ref table[codes[x] * Spectra.Stride]);
            var factor = texture[x] * (1 / 128f);
            if (east[x] != 0 || north[x] != 0) factor *= light.OnSlope(east[x], north[x]);
            value *= factor;
            if (shade[x] != 0) value *= Light.InShade(shade[x] * (1 / 255f));
            line[x] = value;
        }
    }

    /// <summary>Eight draws of about unit variance from the sum of four bytes each.</summary>
    private static Vector256<float> Noise(ulong key, int pixel)
    {
        var a = Dice.Mix(key + (ulong)pixel * 0x9E3779B97F4A7C15UL);
        var b = Dice.Mix(a ^ 0xD1B54A32D192ED03UL);
        var c = Dice.Mix(b ^ 0x8CB92BA72F3D8DD7UL);
        static float Draw(uint bits) => ((bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24) - 510f) * (1 / 147.8f);
        return Vector256.Create(
            Draw((uint)a), Draw((uint)(a >> 32)), Draw((uint)b), Draw((uint)(b >> 32)), Draw((uint)c), Draw((uint)(c >> 32)), 0, 0);
    }

    /// <summary>Reflectance × 10000 in steps of 8, about what an 11-bit instrument resolves; never 0, which means no data.</summary>
    private static ushort Quantise(float reflectance) => (ushort)Math.Clamp((int)(reflectance * 1250 + 0.5f) * 8, 8, 16_000);

    private static Vector256<float> Six(IReadOnlyList<double> values, float rest) => Vector256.Create(
        (float)values[0], (float)values[1], (float)values[2], (float)values[3], (float)values[4], (float)values[5], rest, rest);
}
