using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Tmask (Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.06.012): clouds and shadows that the quality band missed stand out from a robust
/// regression on one cycle a year and one over the whole window (Tukey's biweight, four reweightings, leverage-adjusted residuals, scale by
/// the median absolute deviation). Two bands are worked at a time, so that neither waits for the other's divisions. A workspace: not
/// thread-safe, allocates nothing once it has met its longest window.
/// </summary>
internal sealed class CloudScreen(CcdcOptions options)
{
    private const int Columns = 5;
    private const int Cycles = Columns - 1;
    private const int First = Columns;
    private const int Second = First + 1;
    private const int Reweightings = 4;
    private const int LeftOutOfScale = 4;
    private const double Biweight = 4.685;
    private const double MadToSigma = 0.6745;
    private const double LargestLeverage = 0.9999;
    private const double Settled = 1e-8;
    // Less than this off, in the unit of values that are whole numbers, is what is rounded: without scatter it would decide.
    private const double Rounding = 1e-6;
    private const double Negligible = 2.220446049250313e-16;

    private readonly int[] _bands = [.. options.CloudScreenBands];

    // Row by row: five columns of the design, the values of two bands, nothing. Sums of products come from these.
    private double[] _rows = [];
    // Column by column, whole vectors of rows: residuals and weights come from these.
    private readonly double[][] _column = new double[Cycles][];
    private double[] _adjust = [];
    private double[] _sorted = [];
    private readonly Side _first = new();
    private readonly Side _second = new();
    private readonly double[] _sums = new double[2 * Columns * BandLanes.Count];

    /// <summary>Factors of the first, unweighted fit: the lower triangle row by row, then the reciprocals of the pivots.</summary>
    private readonly double[] _factor = new double[(Columns * (Columns - 1) / 2) + Columns];

    /// <summary>One of the two bands.</summary>
    private sealed class Side
    {
        public double[] Value = [];
        public double[] Weight = [];
        public double[] Residual = [];
        public readonly double[] Solution = new double[Columns];
        public bool Done;
        // Where the middle of the residuals was last.
        public int Low;
        public int High;
    }

    /// <summary>Marks the outliers of a window and counts them.</summary>
    /// <param name="dates">Dates of the stack.</param>
    /// <param name="which">Indices of the window's observations among them, ascending.</param>
    /// <param name="values">Their values, a lane a band.</param>
    /// <param name="madogram">Scatter of each band.</param>
    /// <param name="outliers">As long as the window; set to true where an observation is an outlier.</param>
    public int Mark(ObservationDates dates, ReadOnlySpan<int> which, ReadOnlySpan<BandLanes> values, BandLanes madogram, Span<bool> outliers)
    {
        var n = which.Length;
        Reserve(n);
        outliers.Clear();
        var span = dates.Days[which[^1]] - dates.Days[which[0]];
        var table = dates.LongCycle((int)Math.Max(1, Math.Ceiling(span / (2 * Math.PI / ObservationDates.Cycle))));
        ReadOnlySpan<double> dated = MemoryMarshal.Cast<BandLanes, double>(table), seen = MemoryMarshal.Cast<BandLanes, double>(values);
        double[] column0 = _column[0], column1 = _column[1], column2 = _column[2], column3 = _column[3];
        for (var i = 0; i < n; i++)
        {
            var row = dated.Slice(which[i] * BandLanes.Count, BandLanes.Count);
            row.CopyTo(_rows.AsSpan(i * BandLanes.Count, BandLanes.Count));
            (column0[i], column1[i], column2[i], column3[i]) = (row[0], row[1], row[2], row[3]);
        }

        for (var pair = 0; pair < _bands.Length; pair += 2)
        {
            var (a, b) = (_bands[pair], _bands[Math.Min(pair + 1, _bands.Length - 1)]);
            for (var i = 0; i < n; i++)
            {
                var (valueA, valueB) = (seen[(i * BandLanes.Count) + a], seen[(i * BandLanes.Count) + b]);
                (_rows[(i * BandLanes.Count) + First], _rows[(i * BandLanes.Count) + Second]) = (valueA, valueB);
                (_first.Value[i], _second.Value[i]) = (valueA, valueB);
            }

            Fit(n, leverage: pair == 0);
            MarkBeyond(n, _first, Math.Max(madogram[a] * options.CloudScreenFactor, Rounding), outliers);
            MarkBeyond(n, _second, Math.Max(madogram[b] * options.CloudScreenFactor, Rounding), outliers);
        }

        return outliers.Count(true);
    }

    private void Reserve(int n)
    {
        if (_rows.Length >= n * BandLanes.Count)
        {
            return;
        }

        // Whole vectors; what lies behind the window is computed along and never read.
        n = ((Math.Max(n, 2 * _sorted.Length) / BandLanes.Count) + 1) * BandLanes.Count;
        (_rows, _adjust, _sorted) = (new double[n * BandLanes.Count], new double[n], new double[n]);
        for (var c = 0; c < Cycles; c++)
        {
            _column[c] = new double[n];
        }

        foreach (var side in (ReadOnlySpan<Side>)[_first, _second])
        {
            (side.Value, side.Weight, side.Residual) = (new double[n], new double[n], new double[n]);
        }
    }

    private static void MarkBeyond(int n, Side side, double limit, Span<bool> outliers)
    {
        var beyond = Vector512.Create(limit);
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            var bits = Vector512.GreaterThan(Vector512.Abs(Vector512.Create(side.Residual.AsSpan(i))), beyond).ExtractMostSignificantBits();
            for (; bits != 0; bits &= bits - 1)
            {
                var at = i + BitOperations.TrailingZeroCount(bits);
                if (at < n)
                {
                    outliers[at] = true;
                }
            }
        }
    }

    private void Fit(int n, bool leverage)
    {
        _first.Weight.AsSpan(0, n).Fill(1);
        _second.Weight.AsSpan(0, n).Fill(1);
        (_first.Done, _second.Done) = (false, false);
        Sum(n);
        Solve();
        Residuals(n, _first);
        Residuals(n, _second);
        if (leverage)
        {
            Leverage(n);
        }

        (_first.Done, _second.Done) = (Explained(n, _first), Explained(n, _second));
        Span<double> before = stackalloc double[2 * Columns];
        for (var round = 0; round < Reweightings && !(_first.Done && _second.Done); round++)
        {
            _first.Solution.CopyTo(before);
            _second.Solution.CopyTo(before[Columns..]);
            Weigh(n, _first);
            Weigh(n, _second);
            Sum(n);
            Solve();
            Settle(n, _first, before[..Columns]);
            Settle(n, _second, before[Columns..]);
        }
    }

    /// <summary>Takes the new solution of a band whose fit still moves.</summary>
    private void Settle(int n, Side side, ReadOnlySpan<double> before)
    {
        if (side.Done)
        {
            return;
        }

        Residuals(n, side);
        var moved = false;
        for (var j = 0; j < Columns; j++)
        {
            // Growth alone counts: as the reference implementation.
            moved |= side.Solution[j] - before[j] > Settled;
        }

        side.Done = !moved;
    }

    private void Weigh(int n, Side side)
    {
        if (side.Done)
        {
            return;
        }

        var by = Vector512.Create(1 / (Math.Max(AdjustedScale(n, side), double.Epsilon) * Biweight));
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            var u = Vector512.Create(side.Residual.AsSpan(i)) * Vector512.Create(_adjust.AsSpan(i)) * by;
            var w = Vector512.MaxNative(Vector512<double>.One - (u * u), Vector512<double>.Zero);
            (w * w).CopyTo(side.Weight.AsSpan(i));
        }
    }

    /// <summary>Whether the plain fit leaves nothing: then there is no scale to weigh by.</summary>
    private bool Explained(int n, Side side)
    {
        // Rarely near: only then is the scale worth its cost.
        var few = 0;
        var limit = Vector512.Create(2 * Negligible);
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            var bits = Vector512.LessThan(Vector512.Abs(Vector512.Create(side.Residual.AsSpan(i))), limit).ExtractMostSignificantBits();
            few += BitOperations.PopCount(n - i >= BandLanes.Count ? bits : bits & ((1UL << (n - i)) - 1));
        }

        if (few <= LeftOutOfScale)
        {
            return false;
        }

        for (var i = 0; i < n; i++)
        {
            _sorted[i] = Math.Abs(side.Residual[i]);
        }

        return Scale(n, side) < Negligible;
    }

    /// <summary>1 / √(1 − hᵢ), hᵢ the diagonal of the hat matrix of the unweighted fit, whose factors are at hand.</summary>
    private void Leverage(int n)
    {
        ReadOnlySpan<double> l = _factor;
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            var a = Vector512.Create(_column[0].AsSpan(i));
            var b = Vector512.Create(_column[1].AsSpan(i)) - (a * l[0]);
            var c = Vector512.Create(_column[2].AsSpan(i)) - (a * l[1]) - (b * l[2]);
            var d = Vector512.Create(_column[3].AsSpan(i)) - (a * l[3]) - (b * l[4]) - (c * l[5]);
            var e = Vector512<double>.One - (a * l[6]) - (b * l[7]) - (c * l[8]) - (d * l[9]);
            var h = (a * a * l[10]) + (b * b * l[11]) + (c * c * l[12]) + (d * d * l[13]) + (e * e * l[14]);
            var left = Vector512<double>.One - Vector512.MinNative(Vector512.Create(LargestLeverage), h);
            (Vector512<double>.One / Vector512.Sqrt(left)).CopyTo(_adjust.AsSpan(i));
        }
    }

    private double AdjustedScale(int n, Side side)
    {
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            Vector512.Abs(Vector512.Create(side.Residual.AsSpan(i)) * Vector512.Create(_adjust.AsSpan(i))).CopyTo(_sorted.AsSpan(i));
        }

        return Scale(n, side);
    }

    /// <summary>Median of the first <paramref name="n"/> of <see cref="_sorted"/> without the four smallest, in standard deviations.</summary>
    private double Scale(int n, Side side)
    {
        const int Few = 64;
        var from = Math.Min(LeftOutOfScale, n - 1);
        var (low, high) = (from + ((n - from - 1) / 2), from + ((n - from) / 2));
        return (n <= Few ? AmongFew(n, low, high, side) : AmongMany(n, low, high)) / 2 / MadToSigma;
    }

    /// <summary>Sum of the values at two places of the order, by counting for each value how many are smaller.</summary>
    private double AmongFew(int n, int low, int high, Side side)
    {
        var whole = (n + BandLanes.Count - 1) / BandLanes.Count * BandLanes.Count;
        _sorted.AsSpan(n, whole - n).Fill(double.PositiveInfinity);
        var (atLow, atHigh) = (double.NaN, double.NaN);
        // Weights change little from round to round: first those that it was last time.
        for (var i = -2; i < n && (double.IsNaN(atLow) || double.IsNaN(atHigh)); i++)
        {
            var at = i >= 0 ? i : Math.Min(i == -1 ? side.High : side.Low, n - 1);
            var value = Vector512.Create(_sorted[at]);
            var less = 0;
            for (var k = 0; k < whole; k += BandLanes.Count)
            {
                less += BitOperations.PopCount(Vector512.LessThan(Vector512.Create(_sorted.AsSpan(k)), value).ExtractMostSignificantBits());
            }

            if (less == low)
            {
                (atLow, side.Low) = (_sorted[at], at);
            }

            if (less == high)
            {
                (atHigh, side.High) = (_sorted[at], at);
            }
        }

        // Not found where values are equal.
        return double.IsNaN(atLow) || double.IsNaN(atHigh) ? AmongMany(n, low, high) : atLow + atHigh;
    }

    private double AmongMany(int n, int low, int high)
    {
        var sorted = _sorted.AsSpan(0, n);
        var upper = OrderStatistics.Select(sorted, high);
        // What is before the upper one is not larger: the lower one is the largest of it.
        var lower = upper;
        if (low < high)
        {
            lower = double.NegativeInfinity;
            foreach (var value in sorted[..high])
            {
                lower = Math.Max(lower, value);
            }
        }

        return lower + upper;
    }

    /// <summary>Weighted sums of products of both bands; in registers, since in memory each would wait for its own last store.</summary>
    private void Sum(int n)
    {
        Vector512<double> a0 = default, b0 = default, c0 = default, d0 = default, e0 = default;
        Vector512<double> a1 = default, b1 = default, c1 = default, d1 = default, e1 = default;
        ReadOnlySpan<double> rows = _rows.AsSpan(0, n * BandLanes.Count), first = _first.Weight.AsSpan(0, n), second = _second.Weight.AsSpan(0, n);
        for (var i = 0; i < first.Length && i < second.Length && rows.Length >= BandLanes.Count; i++)
        {
            var row = Vector512.Create(rows);
            var (w0, w1) = (row * first[i], row * second[i]);
            Vector512<double> a = Vector512.Create(rows[0]), b = Vector512.Create(rows[1]), c = Vector512.Create(rows[2]), d = Vector512.Create(rows[3]);
            a0 = Vector512.FusedMultiplyAdd(w0, a, a0);
            a1 = Vector512.FusedMultiplyAdd(w1, a, a1);
            b0 = Vector512.FusedMultiplyAdd(w0, b, b0);
            b1 = Vector512.FusedMultiplyAdd(w1, b, b1);
            c0 = Vector512.FusedMultiplyAdd(w0, c, c0);
            c1 = Vector512.FusedMultiplyAdd(w1, c, c1);
            d0 = Vector512.FusedMultiplyAdd(w0, d, d0);
            d1 = Vector512.FusedMultiplyAdd(w1, d, d1);
            e0 += w0;
            e1 += w1;
            rows = rows[BandLanes.Count..];
        }

        Span<double> sums = _sums;
        a0.CopyTo(sums);
        b0.CopyTo(sums[8..]);
        c0.CopyTo(sums[16..]);
        d0.CopyTo(sums[24..]);
        e0.CopyTo(sums[32..]);
        a1.CopyTo(sums[40..]);
        b1.CopyTo(sums[48..]);
        c1.CopyTo(sums[56..]);
        d1.CopyTo(sums[64..]);
        e1.CopyTo(sums[72..]);
    }

    /// <summary>
    /// The normal equations of both bands at once by L·D·Lᵀ (Cholesky without roots). A pivot that is nothing beside its column's own size
    /// counts as 0, and its column is left out. A band that is done keeps its solution.
    /// </summary>
    private void Solve()
    {
        Vector128<double> m00 = At(0, 0), m11 = At(1, 1), m22 = At(2, 2), m33 = At(3, 3), m44 = At(4, 4);
        var i0 = Reciprocal(m00, m00);
        Vector128<double> u10 = At(1, 0), u20 = At(2, 0), u30 = At(3, 0), u40 = At(4, 0);
        Vector128<double> l10 = u10 * i0, l20 = u20 * i0, l30 = u30 * i0, l40 = u40 * i0;
        var i1 = Reciprocal(Less(m11, l10, u10), m11);
        Vector128<double> u21 = Less(At(2, 1), l20, u10), u31 = Less(At(3, 1), l30, u10), u41 = Less(At(4, 1), l40, u10);
        Vector128<double> l21 = u21 * i1, l31 = u31 * i1, l41 = u41 * i1;
        var i2 = Reciprocal(Less(Less(m22, l20, u20), l21, u21), m22);
        Vector128<double> u32 = Less(Less(At(3, 2), l30, u20), l31, u21), u42 = Less(Less(At(4, 2), l40, u20), l41, u21);
        Vector128<double> l32 = u32 * i2, l42 = u42 * i2;
        var i3 = Reciprocal(Less(Less(Less(m33, l30, u30), l31, u31), l32, u32), m33);
        var u43 = Less(Less(Less(At(4, 3), l40, u30), l41, u31), l42, u32);
        var l43 = u43 * i3;
        var i4 = Reciprocal(Less(Less(Less(Less(m44, l40, u40), l41, u41), l42, u42), l43, u43), m44);

        var z0 = Right(0);
        var z1 = Less(Right(1), l10, z0);
        var z2 = Less(Less(Right(2), l20, z0), l21, z1);
        var z3 = Less(Less(Less(Right(3), l30, z0), l31, z1), l32, z2);
        var z4 = Less(Less(Less(Less(Right(4), l40, z0), l41, z1), l42, z2), l43, z3);
        var x4 = z4 * i4;
        var x3 = Less(z3 * i3, l43, x4);
        var x2 = Less(Less(z2 * i2, l32, x3), l42, x4);
        var x1 = Less(Less(Less(z1 * i1, l21, x2), l31, x3), l41, x4);
        var x0 = Less(Less(Less(Less(z0 * i0, l10, x1), l20, x2), l30, x3), l40, x4);
        if (!_first.Done)
        {
            var to = _first.Solution;
            (to[0], to[1], to[2], to[3], to[4]) = (x0.ToScalar(), x1.ToScalar(), x2.ToScalar(), x3.ToScalar(), x4.ToScalar());
        }

        if (!_second.Done)
        {
            var to = _second.Solution;
            (to[0], to[1], to[2], to[3], to[4]) = (x0[1], x1[1], x2[1], x3[1], x4[1]);
        }

        var f = _factor;
        (f[0], f[1], f[2], f[3], f[4]) = (l10.ToScalar(), l20.ToScalar(), l21.ToScalar(), l30.ToScalar(), l31.ToScalar());
        (f[5], f[6], f[7], f[8], f[9]) = (l32.ToScalar(), l40.ToScalar(), l41.ToScalar(), l42.ToScalar(), l43.ToScalar());
        (f[10], f[11], f[12], f[13], f[14]) = (i0.ToScalar(), i1.ToScalar(), i2.ToScalar(), i3.ToScalar(), i4.ToScalar());
    }

    /// <summary>What a product leaves, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Less(Vector128<double> from, Vector128<double> a, Vector128<double> b) => Vector128.FusedMultiplyAdd(-a, b, from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<double> At(int i, int j) => Vector128.Create(_sums[(i * BandLanes.Count) + j], _sums[((Columns + i) * BandLanes.Count) + j]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<double> Right(int i) => Vector128.Create(_sums[(i * BandLanes.Count) + First], _sums[((Columns + i) * BandLanes.Count) + Second]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Reciprocal(Vector128<double> pivot, Vector128<double> whole) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(pivot, whole * 1e-11), Vector128<double>.One / pivot, Vector128<double>.Zero);

    private void Residuals(int n, Side side)
    {
        var x = side.Solution;
        Vector512<double> x0 = Vector512.Create(x[0]), x1 = Vector512.Create(x[1]), x2 = Vector512.Create(x[2]), x3 = Vector512.Create(x[3]), x4 = Vector512.Create(x[4]);
        for (var i = 0; i < n; i += BandLanes.Count)
        {
            var left = Vector512.FusedMultiplyAdd(Vector512.Create(_column[0].AsSpan(i)), x0, Vector512.Create(_column[1].AsSpan(i)) * x1);
            var right = Vector512.FusedMultiplyAdd(Vector512.Create(_column[2].AsSpan(i)), x2, Vector512.FusedMultiplyAdd(Vector512.Create(_column[3].AsSpan(i)), x3, x4));
            (Vector512.Create(side.Value.AsSpan(i)) - (left + right)).CopyTo(side.Residual.AsSpan(i));
        }
    }
}
