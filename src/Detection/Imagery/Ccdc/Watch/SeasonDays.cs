using System.Numerics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>The rows of the design and their products by day, made once for all pixels that have a look on it.</summary>
/// <remarks>A workspace: not thread-safe.</remarks>
/// <param name="epoch">Day number of the day before the series' first.</param>
internal sealed class SeasonDays(int epoch)
{
    /// <summary>Days that are remembered at once: those of the looks that a pixel keeps, and more.</summary>
    private const int Remembered = 128;

    private readonly int[] _day = new int[Remembered];
    private readonly SeasonRow[] _row = new SeasonRow[Remembered];
    private readonly double[] _products = new double[Remembered * SeasonModel.Products];

    public int Epoch => epoch;

    public ref readonly SeasonRow RowOf(int day) => ref _row[PlaceOf(day)];

    /// <summary>The same as <see cref="SeasonModel.Add"/>, number for number.</summary>
    /// <param name="day">From 1.</param>
    public void Add(Span<double> sums, int day, double value)
    {
        var place = PlaceOf(day);
        ReadOnlySpan<double> products = _products.AsSpan(place * SeasonModel.Products, SeasonModel.Products);
        var i = 0;
        for (; i <= SeasonModel.Products - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sums[i..]) + new Vector<double>(products[i..])).CopyTo(sums[i..]);
        }

        for (; i < SeasonModel.Products; i++)
        {
            sums[i] += products[i];
        }

        SeasonModel.AddValue(sums, _row[place], value);
    }

    private int PlaceOf(int day)
    {
        var place = day % Remembered;
        if (_day[place] != day)
        {
            _day[place] = day;
            _row[place] = SeasonRow.Of(day, epoch);
            SeasonModel.ProductsOf(_row[place], _products.AsSpan(place * SeasonModel.Products, SeasonModel.Products));
        }

        return place;
    }
}
