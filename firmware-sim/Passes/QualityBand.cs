using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// The provider's mask with the faults that such masks have: made at 20 m, blind to thin haze, late at cloud edges, missing a
/// part of the shadows, and here and there calling a clear place cloud.
/// </summary>
internal sealed class QualityBand
{
    private const ushort Clear = 1, Cloud = 2, Shadow = 3;
    private readonly byte[] _flags;
    private readonly int _columns;

    public QualityBand(County county, PassConditions conditions, Atmosphere sky)
    {
        _columns = (county.Frame.Columns + 1) / 2;
        var rows = (county.Frame.Rows + 1) / 2;
        _flags = new byte[_columns * rows];
        var d = county.Dice.For("mask").For(conditions.Date.DayNumber);
        var whim = new ValueNoise(d);
        float[] opacity = new float[county.Frame.Columns], shadow = new float[county.Frame.Columns];
        for (var j = 0; j < rows; j++)
        {
            sky.Row(sky.Opacity, 2 * j, opacity);
            sky.Row(sky.Shadow, 2 * j, shadow);
            for (var i = 0; i < _columns; i++)
            {
                var a = opacity[2 * i];
                var s = shadow[2 * i];
                var flag = Clear;
                if (a > 0.012f || s > 0.2f)
                {
                    var mood = whim.Octaves(i / 14.0, j / 14.0, 2);
                    if (a > 0.10 + 0.10 * mood) flag = Cloud;
                    else if (s > 0.34 + 0.12 * mood && mood < 0.42) flag = Shadow;
                }

                _flags[j * _columns + i] = (byte)flag;
            }
        }

        // A few false clouds: bright roofs and sand fool every mask once in a while.
        for (var k = 0; k < 3; k++)
        {
            if (!d.Happens(0.25, 100 + k)) continue;
            int ci = d.Index(_columns, 200 + k), cj = d.Index(rows, 300 + k), radius = 2 + d.Index(4, 400 + k);
            for (var j = Math.Max(0, cj - radius); j <= Math.Min(rows - 1, cj + radius); j++)
                for (var i = Math.Max(0, ci - radius); i <= Math.Min(_columns - 1, ci + radius); i++)
                    if ((i - ci) * (i - ci) + (j - cj) * (j - cj) <= radius * radius) _flags[j * _columns + i] = (byte)Cloud;
        }
    }

    public ushort At(int column, int row) => _flags[row / 2 * _columns + column / 2];
}
