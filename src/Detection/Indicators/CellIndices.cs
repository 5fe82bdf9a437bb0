namespace Monitoring.Detection.Indicators;

/// <summary>
/// Spectral indices of one scene, or of a month's composite, on the cells of a <see cref="SampleGrid"/>, row by row. NaN where nothing was
/// seen clearly; all are NaN together.
/// </summary>
/// <param name="Ndvi">(nir − red)/(nir + red), [−1, 1] (Rouse 1974).</param>
/// <param name="Ndbi">(swir16 − nir)/(swir16 + nir), [−1, 1] (Zha 2003).</param>
/// <param name="Mndwi">(green − swir16)/(green + swir16), [−1, 1] (Xu 2006).</param>
/// <param name="Artificial">1 where the look says roof, concrete or dug-up ground (docs/algorithms/series.md), 0 where not; in a composite what most looks say.</param>
public sealed record CellIndices(float[] Ndvi, float[] Ndbi, float[] Mndwi, float[] Artificial)
{
    public int Count => Ndvi.Length;

    public bool Seen(int cell) => !float.IsNaN(Ndvi[cell]);

    public static CellIndices Empty(int count) => new(new float[count], new float[count], new float[count], new float[count]);

    /// <summary>
    /// The median of the clear observations at each cell, index by index: a cloud that a mask missed is outvoted as soon as there are
    /// three. Of an even number the lower middle one is taken, so that every value was really observed.
    /// </summary>
    public static CellIndices MedianOf(IReadOnlyList<CellIndices> observations, int count)
    {
        var result = Empty(count);
        Span<float> values = observations.Count <= 256 ? stackalloc float[observations.Count] : new float[observations.Count];
        for (var cell = 0; cell < count; cell++)
        {
            result.Ndvi[cell] = Median(observations, cell, static o => o.Ndvi, values);
            result.Ndbi[cell] = Median(observations, cell, static o => o.Ndbi, values);
            result.Mndwi[cell] = Median(observations, cell, static o => o.Mndwi, values);
            result.Artificial[cell] = Median(observations, cell, static o => o.Artificial, values);
        }

        return result;
    }

    private static float Median(IReadOnlyList<CellIndices> observations, int cell, Func<CellIndices, float[]> band, Span<float> values)
    {
        var n = 0;
        foreach (var observation in observations)
        {
            var value = band(observation)[cell];
            if (!float.IsNaN(value))
            {
                values[n++] = value;
            }
        }

        if (n == 0)
        {
            return float.NaN;
        }

        values[..n].Sort();
        return values[(n - 1) / 2];
    }
}
