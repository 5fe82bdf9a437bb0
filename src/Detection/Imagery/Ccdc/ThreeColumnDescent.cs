using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// As <see cref="LassoDescent"/> for the three columns that a model begins with, all in registers: most fits are of windows that turn out not
/// to be stable. Thread-safe.
/// </summary>
internal static class ThreeColumnDescent
{
    private const int Columns = CcdcSegment.Columns;

    /// <inheritdoc cref="LassoDescent.Solve"/>
    public static void Solve(
        ReadOnlySpan<double> gram, ReadOnlySpan<double> reciprocal, ReadOnlySpan<BandLanes> covariance, double penalty, BandLanes energy, double tolerance, int maxRounds, Span<BandLanes> coefficients)
    {
        const int A = 0, B = Columns + 1, C = (2 * Columns) + 2;
        Vector512<double> values = energy.Lanes, limit = Vector512.Create(penalty);
        var going = Vector512.LessThan(Vector512<double>.Zero, values);
        var goal = values * tolerance;
        Vector512<double> alongA = covariance[0].Lanes, alongB = covariance[1].Lanes, alongC = covariance[2].Lanes;
        Vector512<double> leftA = alongA * reciprocal[0], leftB = alongB * reciprocal[1], leftC = alongC * reciprocal[2];
        Vector512<double> limitA = limit * reciprocal[0], limitB = limit * reciprocal[1], limitC = limit * reciprocal[2];
        Vector512<double> inAB = Vector512.Create(-gram[1] * reciprocal[0]), inAC = Vector512.Create(-gram[2] * reciprocal[0]), inBC = Vector512.Create(-gram[Columns + 2] * reciprocal[1]);
        Vector512<double> inBA = Vector512.Create(-gram[1] * reciprocal[1]), inCA = Vector512.Create(-gram[2] * reciprocal[2]), inCB = Vector512.Create(-gram[Columns + 2] * reciprocal[2]);
        Vector512<double> a = Vector512<double>.Zero, b = Vector512<double>.Zero, c = Vector512<double>.Zero;
        var near = false;
        for (var round = 1; Any(going); round++)
        {
            var (oldA, oldB, oldC) = (a, b, c);
            var restA = Add(Add(leftA, b, inAB), c, inAC);
            a = Shrunk(restA, limitA);
            var restB = Add(Add(leftB, c, inBC), a, inBA);
            b = Shrunk(restB, limitB);
            var restC = Add(Add(leftC, a, inCA), b, inCB);
            c = Shrunk(restC, limitC);
            var last = round == maxRounds;
            if (!near && !last)
            {
                near = Any(Settled(a - oldA, b - oldB, c - oldC, a, b, c, tolerance) & going);
                if (!near)
                {
                    continue;
                }
            }

            var gradientA = Add(Add(restA - a, b - oldB, inAB), c - oldC, inAC) * gram[A];
            var gradientB = Add(restB - b, c - oldC, inBC) * gram[B];
            var gradientC = (restC - c) * gram[C];
            var steepest = Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(gradientA), Vector512.Abs(gradientB)), Vector512.Abs(gradientC));
            var gap = GapOf(
                values - Add(Add(a * alongA, b, alongB), c, alongC), Add(Add(a * gradientA, b, gradientB), c, gradientC), steepest, Vector512.Abs(a) + Vector512.Abs(b) + Vector512.Abs(c), limit);
            var stopped = last ? going : Vector512.LessThan(gap, goal) & going;
            if (Any(stopped))
            {
                stopped = last ? going : stopped & Settled(a - oldA, b - oldB, c - oldC, a, b, c, tolerance);
                going = Vector512.AndNot(going, stopped);
                coefficients[0] = BandLanes.Where(new(stopped), new(a), coefficients[0]);
                coefficients[1] = BandLanes.Where(new(stopped), new(b), coefficients[1]);
                coefficients[2] = BandLanes.Where(new(stopped), new(c), coefficients[2]);
            }
        }
    }

    /// <summary>A sum and a product, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) => Vector512.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Settled(
        Vector512<double> stepA, Vector512<double> stepB, Vector512<double> stepC, Vector512<double> a, Vector512<double> b, Vector512<double> c, double tolerance) => Vector512.LessThanOrEqual(
            Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(stepA), Vector512.Abs(stepB)), Vector512.Abs(stepC)),
            Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(a), Vector512.Abs(b)), Vector512.Abs(c)) * tolerance);

    /// <summary>Primal less dual objective of the lasso, which bounds how far the fit is from the best.</summary>
    /// <param name="alongValues">Residual times values.</param>
    /// <param name="slope">Coefficients times gradient.</param>
    /// <param name="steepest">Greatest absolute gradient.</param>
    /// <param name="size">Sum of the absolute coefficients.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> GapOf(Vector512<double> alongValues, Vector512<double> slope, Vector512<double> steepest, Vector512<double> size, Vector512<double> penalty)
    {
        var scale = Vector512.ConditionalSelect(Vector512.LessThan(penalty, steepest), penalty / steepest, Vector512<double>.One);
        return ((alongValues - slope) * 0.5 * (Vector512<double>.One + (scale * scale))) + (size * penalty) - (scale * alongValues);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Shrunk(Vector512<double> left, Vector512<double> limit) =>
        (left & Vector512.Create(-0.0)) ^ Vector512.MaxNative(Vector512.Abs(left) - limit, Vector512<double>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Any(Vector512<double> mask) => Vector512.ExtractMostSignificantBits(mask) != 0;
}
