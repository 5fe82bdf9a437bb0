using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The stable Sentinel-2 NDVI stack of the data folder: NDVI × 10 000, clear or cloud by its mask.</summary>
internal sealed partial class NdviStack
{
    private readonly float[] _ndvi;
    private readonly byte[] _cloud;
    private readonly byte[] _valid;

    private NdviStack(ObservationDates dates, float[] ndvi, byte[] cloud, byte[] valid, ushort[] landUse) =>
        (Dates, _ndvi, _cloud, _valid, LandUse) = (dates, ndvi, cloud, valid, landUse);

    public ObservationDates Dates { get; }

    public int Pixels => LandUse.Length;

    public ushort[] LandUse { get; }

    public static NdviStack Read()
    {
        var folder = TestData.Need("sentinel2_ndvi_series");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "timestamps.json")));
        int[] days = [.. json.RootElement.EnumerateArray()
            .Select(t => DateOnly.FromDateTime(DateTime.Parse(t.GetString()!, CultureInfo.InvariantCulture)).DayNumber)];
        return new NdviStack(
            new ObservationDates(days),
            Array(folder, "NDVI.npy", 4, b => BinaryPrimitives.ReadSingleLittleEndian(b)),
            Array(folder, "CLM.npy", 1, b => b[0]),
            Array(folder, "IS_VALID.npy", 1, b => b[0]),
            Array(folder, "LULC.npy", 2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)));
    }

    /// <summary>Fills one pixel's series.</summary>
    public void Pixel(int pixel, Span<short> values, Span<ObservedAs> quality)
    {
        for (var i = 0; i < Dates.Count; i++)
        {
            var at = (i * Pixels) + pixel;
            var ndvi = _ndvi[at];
            quality[i] = !float.IsFinite(ndvi) ? ObservedAs.Fill : _valid[at] == 0 || _cloud[at] != 0 ? ObservedAs.Cloud : ObservedAs.Clear;
            values[i] = float.IsFinite(ndvi) ? (short)Math.Clamp(ndvi * 10_000, -10_000, 10_000) : (short)0;
        }
    }

    private delegate T Decode<T>(ReadOnlySpan<byte> bytes);

    /// <summary>An array of NumPy's file format 1.0 in C order.</summary>
    private static T[] Array<T>(string folder, string name, int size, Decode<T> decode)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, name));
        var header = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        var shape = Shape().Match(Encoding.ASCII.GetString(bytes, 10, header)).Groups[1].Value;
        var count = shape.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Aggregate(1, (all, one) => all * int.Parse(one, CultureInfo.InvariantCulture));
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = decode(bytes.AsSpan(10 + header + (i * size), size));
        }

        return values;
    }

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex Shape();
}
