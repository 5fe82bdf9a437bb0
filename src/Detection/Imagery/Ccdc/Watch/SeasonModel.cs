using System.Runtime.CompilerServices;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>Six columns of the design on a day: 1, years, cosine and sine of one and of two cycles a year.</summary>
[InlineArray(SeasonModel.Columns)]
internal struct SeasonRow
{
    private double _first;

    /// <param name="day">Of the series, from 1.</param>
    /// <param name="epoch">Day number of the day before the series' first.</param>
    public static SeasonRow Of(int day, int epoch)
    {
        // Years from where the first model ends, about: keeps the trend and the level apart.
        const double Centre = 400;
        var row = default(SeasonRow);
        var angle = ObservationDates.Cycle * (epoch + day);
        (row[0], row[1]) = (1, (day - Centre) / 365);
        (row[3], row[2]) = Math.SinCos(angle);
        (row[5], row[4]) = Math.SinCos(2 * angle);
        return row;
    }

    /// <summary>By how much the row changes in ten days, of the seasonal columns.</summary>
    public static SeasonRow Slope(in SeasonRow row)
    {
        const double TenDays = 10 * ObservationDates.Cycle;
        var slope = default(SeasonRow);
        (slope[2], slope[3]) = (-TenDays * row[3], TenDays * row[2]);
        (slope[4], slope[5]) = (-2 * TenDays * row[5], 2 * TenDays * row[4]);
        return slope;
    }
}

/// <summary>
/// CCDC's harmonic model of one value, by ridge regression on sums of products: an added look costs the same at any length, and the model
/// depends on the sums alone, not on the order of what came. Pure functions over a state's 30 numbers: 21 products (lower triangle), 6
/// moments, the sum of squares, the pixel's roughness and how many looks it comes from.
/// </summary>
internal static class SeasonModel
{
    public const int Columns = 6;

    /// <summary>Sums that depend on the days of the looks alone; those after them, <see cref="RoughLooks"/> excepted, on their values.</summary>
    public const int Products = Columns * (Columns + 1) / 2;
    public const int Moments = Products;
    public const int Squares = Moments + Columns;
    public const int Roughness = Squares + 1;
    public const int RoughLooks = Roughness + 1;

    /// <summary>Least pivot of the factor.</summary>
    public const double LeastPivot = 1e-6;

    public static void Add(Span<double> sums, in SeasonRow row, double value)
    {
        var at = 0;
        for (var i = 0; i < Columns; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                sums[at++] += row[i] * row[j];
            }
        }

        AddValue(sums, row, value);
    }

    /// <summary>What <see cref="Add"/> adds that depends on the value.</summary>
    public static void AddValue(Span<double> sums, in SeasonRow row, double value)
    {
        for (var i = 0; i < Columns; i++)
        {
            sums[Moments + i] += row[i] * value;
        }

        sums[Squares] += value * value;
    }

    /// <summary>What <see cref="Add"/> adds that depends on the day alone.</summary>
    public static void ProductsOf(in SeasonRow row, Span<double> products)
    {
        var at = 0;
        for (var i = 0; i < Columns; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                products[at++] = row[i] * row[j];
            }
        }
    }

    /// <summary>Columns that so many looks carry.</summary>
    public static int ColumnsFor(int looks, WatchOptions options) => looks < options.SecondCycleFrom ? 4 : Columns;

    /// <summary>Solves for the coefficients; those beyond the columns in use are 0.</summary>
    /// <param name="row">A day.</param>
    /// <param name="leverage">Variance of what the model says of that day, in variances of a look.</param>
    /// <returns>The variance of the residuals.</returns>
    public static double Solve(ReadOnlySpan<double> sums, int looks, WatchOptions options, in SeasonRow row, out SeasonRow coefficients, out double leverage)
    {
        var columns = ColumnsFor(looks, options);
        Span<double> factor = stackalloc double[Moments];
        coefficients = default;
        leverage = Factor(sums, columns, options, row, factor);
        for (var i = 0; i < columns; i++)
        {
            var left = sums[Moments + i];
            for (var k = 0; k < i; k++)
            {
                left -= factor[(i * (i + 1) / 2) + k] * coefficients[k];
            }

            coefficients[i] = left / factor[(i * (i + 1) / 2) + i];
        }

        for (var i = columns - 1; i >= 0; i--)
        {
            var left = coefficients[i];
            for (var k = i + 1; k < columns; k++)
            {
                left -= factor[(k * (k + 1) / 2) + i] * coefficients[k];
            }

            coefficients[i] = left / factor[(i * (i + 1) / 2) + i];
        }

        var residual = sums[Squares];
        for (var i = 0; i < columns; i++)
        {
            var product = 0.0;
            for (var j = 0; j < columns; j++)
            {
                product += coefficients[j] * (j <= i ? sums[(i * (i + 1) / 2) + j] : sums[(j * (j + 1) / 2) + i]);
            }

            residual += coefficients[i] * (product - (2 * sums[Moments + i]));
        }

        return Math.Max(residual, 0) / Math.Max(1, looks - columns);
    }

    /// <summary>What is added to the product of a column with itself.</summary>
    public static double RidgeOf(int column, WatchOptions options)
    {
        const double FirstCycleRidge = 0.1;
        return LeastPivot + (column switch { 0 => 0, 1 => options.TrendRidge, 2 or 3 => FirstCycleRidge, _ => options.SecondCycleRidge });
    }

    /// <summary>What of the model depends on the days of the looks alone.</summary>
    /// <param name="factor">Filled with the Cholesky factor of the products and the ridge, lower triangle.</param>
    /// <returns>The leverage of the day of <paramref name="row"/>.</returns>
    public static double Factor(ReadOnlySpan<double> products, int columns, WatchOptions options, in SeasonRow row, Span<double> factor)
    {
        for (var i = 0; i < columns; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var at = (i * (i + 1) / 2) + j;
                var left = products[at];
                if (i == j)
                {
                    left += RidgeOf(i, options);
                }

                for (var k = 0; k < j; k++)
                {
                    left -= factor[(i * (i + 1) / 2) + k] * factor[(j * (j + 1) / 2) + k];
                }

                // The ridge keeps every pivot above 0.
                factor[at] = i == j ? Math.Sqrt(Math.Max(left, LeastPivot)) : left / factor[(j * (j + 1) / 2) + j];
            }
        }

        // xᵀ·(sums + ridge)⁻¹·x through the factor.
        var along = default(SeasonRow);
        var leverage = 0.0;
        for (var i = 0; i < columns; i++)
        {
            var left = row[i];
            for (var k = 0; k < i; k++)
            {
                left -= factor[(i * (i + 1) / 2) + k] * along[k];
            }

            along[i] = left / factor[(i * (i + 1) / 2) + i];
            leverage += along[i] * along[i];
        }

        return leverage;
    }

    /// <inheritdoc cref="Solve(ReadOnlySpan{double}, int, WatchOptions, in SeasonRow, out SeasonRow, out double)"/>
    public static double Solve(ReadOnlySpan<double> sums, int looks, WatchOptions options, out SeasonRow coefficients) =>
        Solve(sums, looks, options, default, out coefficients, out _);

    public static double Dot(in SeasonRow a, in SeasonRow b) =>
        (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]) + (a[3] * b[3]) + (a[4] * b[4]) + (a[5] * b[5]);
}
