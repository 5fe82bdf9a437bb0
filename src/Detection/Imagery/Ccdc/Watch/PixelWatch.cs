namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>What one look says of a pixel, after the tile as a whole has been taken into account.</summary>
/// <param name="Day">Of the series, from 1.</param>
/// <param name="Value">Observed.</param>
/// <param name="Common">Deviation that the whole tile has.</param>
/// <param name="Residual">What is left.</param>
/// <param name="Deviation">The same in units of the look's scatter and of the pixel's roughness.</param>
/// <param name="Roughness">Of the pixel.</param>
/// <param name="Tail">How much heavier than normal the tails of the look are, at least 1.</param>
internal readonly record struct PixelLook(int Day, double Value, double Common, double Residual, double Deviation, double Roughness, double Tail);

/// <summary>The transitions of one pixel's <see cref="WatchState"/>. Pure functions of state and look: each costs the same at any length.</summary>
internal static class PixelWatch
{
    /// <summary>Deviation beyond which a look no longer adds to a pixel's roughness.</summary>
    private const double LargestRough = 4;

    /// <summary>Keeps a look for the beginning of a model.</summary>
    public static void Collect(ref WatchState state, int day, short value, WatchOptions options)
    {
        var kept = state.Kept;
        if (state.Looks > 0 && day - kept[state.Looks - 1].Day < options.InitialGapDays)
        {
            return;
        }

        if (state.Looks == kept.Length)
        {
            kept[1..].CopyTo(kept);
            state.Looks--;
        }

        kept[state.Looks++] = new KeptLook((ushort)day, value);
        state.LastDay = (ushort)day;
    }

    /// <summary>Whether enough looks are kept for a model.</summary>
    public static bool CanBegin(ref WatchState state, WatchOptions options) =>
        state.Stored == WatchStage.Collecting && state.Looks >= options.InitialLooks
        && state.Kept[state.Looks - 1].Day - state.Kept[0].Day >= options.InitialDays;

    /// <summary>Begins a model on those of the kept looks that are marked.</summary>
    public static void Begin(ref WatchState state, ReadOnlySpan<bool> use, SeasonDays days)
    {
        Span<KeptLook> kept = stackalloc KeptLook[WatchState.Capacity];
        state.Kept.CopyTo(kept);
        state.Sums.Clear();
        var (looks, last) = (0, 0);
        for (var i = 0; i < use.Length; i++)
        {
            if (use[i])
            {
                days.Add(state.Sums, kept[i].Day, kept[i].Value);
                (looks, last) = (looks + 1, kept[i].Day);
            }
        }

        (state.Stored, state.Looks, state.LastDay, state.PendingDay) = (WatchStage.Following, (ushort)looks, (ushort)last, 0);
        (state.GainRun, state.LossRun) = (0, 0);
    }

    /// <summary>How rough a pixel is beside its tile: 1 is as all others.</summary>
    public static double RoughnessOf(ReadOnlySpan<double> sums, WatchOptions options) =>
        Math.Sqrt((sums[SeasonModel.Roughness] + options.RoughnessPrior) / (sums[SeasonModel.RoughLooks] + options.RoughnessPrior));

    /// <summary>
    /// Takes a look at a pixel that is followed. The look before it, which waited, makes a break with it when both lie below what is expected
    /// and show ground that is bare; else it is folded into the model, or left out when it was far off. Then this one waits. Where the ground
    /// stays green a loss takes <see cref="WatchOptions.LossLooks"/> looks in a row. Greening is slow and no building: it takes
    /// <see cref="WatchOptions.GainLooks"/>.
    /// </summary>
    /// <returns>True when there is a break.</returns>
    public static bool Follow(ref WatchState state, in PixelLook look, WatchOptions options, SeasonDays days)
    {
        var evidence = look.Deviation / look.Tail;
        if (state.PendingDay != 0)
        {
            state.GainRun = evidence > options.EachEvidence ? (ushort)(state.GainRun + 1) : (ushort)0;
            if (Agree(state.PendingEvidence, evidence, options))
            {
                if (IsBare(state.PendingValue, look, options))
                {
                    Break(ref state, look, evidence, state.LastDay, state.PendingDay, options);
                    return true;
                }

                if (state.LossRun + 1 >= options.LossLooks)
                {
                    Break(ref state, look, evidence, state.LossAfter, state.LossDay, options);
                    return true;
                }
            }

            if (state.GainRun >= options.GainLooks)
            {
                Break(ref state, look, evidence, state.LastDay, state.PendingDay, options);
                return true;
            }

            Fold(ref state, options, days);
        }

        Run(ref state, look.Day, evidence, options);
        state.PendingDay = (ushort)look.Day;
        state.PendingValue = (short)Math.Clamp(Math.Round(look.Value - look.Common), short.MinValue, short.MaxValue);
        state.PendingEvidence = (float)evidence;
        state.PendingDeviation = (float)(look.Deviation * look.Roughness);
        return false;
    }

    /// <summary>Counts looks in a row that are below what is expected.</summary>
    private static void Run(ref WatchState state, int day, double evidence, WatchOptions options)
    {
        if (evidence >= -options.EachEvidence)
        {
            state.LossRun = 0;
            return;
        }

        if (state.LossRun == 0)
        {
            (state.LossDay, state.LossAfter) = ((ushort)day, state.LastDay);
        }

        state.LossRun = (ushort)Math.Min(state.LossRun + 1, ushort.MaxValue);
    }

    /// <summary>Whether both looks show ground that is not green.</summary>
    private static bool IsBare(short pending, in PixelLook look, WatchOptions options) =>
        pending < options.BareBelow && look.Value - look.Common < options.BareBelow;

    /// <summary>Whether two looks in a row prove a loss.</summary>
    private static bool Agree(double first, double second, WatchOptions options)
    {
        var (a, b) = (Math.Min(Math.Abs(first), options.LargestEvidence), Math.Min(Math.Abs(second), options.LargestEvidence));
        return first < 0 && second < 0 && Math.Min(a, b) > options.EachEvidence && (a + b) / Math.Sqrt(2) > options.Evidence;
    }

    private static void Fold(ref WatchState state, WatchOptions options, SeasonDays days)
    {
        var rough = Math.Min(Math.Abs(state.PendingDeviation), LargestRough);
        state.Sums[SeasonModel.Roughness] += rough * rough;
        state.Sums[SeasonModel.RoughLooks]++;
        if (Math.Abs(state.PendingEvidence) >= options.LargestEvidence)
        {
            return;
        }

        days.Add(state.Sums, state.PendingDay, state.PendingValue);
        state.Looks = (ushort)Math.Min(state.Looks + 1, ushort.MaxValue);
        state.LastDay = state.PendingDay;
    }

    private static void Break(ref WatchState state, in PixelLook look, double evidence, ushort after, ushort first, WatchOptions options)
    {
        var (pendingDay, pendingValue, pendingEvidence) = (state.PendingDay, state.PendingValue, state.PendingEvidence);
        var normalised = (short)Math.Clamp(Math.Round(look.Value - look.Common), short.MinValue, short.MaxValue);
        (state.LastBreakAfter, state.LastBreakDay, state.LastBreakSeen) = (after, first, (ushort)look.Day);
        state.LastBreakEvidence = (float)((Math.Min(Math.Abs(pendingEvidence), options.LargestEvidence) + Math.Min(Math.Abs(evidence), options.LargestEvidence)) / Math.Sqrt(2));
        state.LastBreakChange = (float)look.Residual;
        state.Sums.Clear();
        (state.Stored, state.Looks, state.PendingDay, state.PendingEvidence, state.PendingDeviation) = (WatchStage.Collecting, 0, 0, 0, 0);
        (state.GainRun, state.LossRun, state.LossDay, state.LossAfter) = (0, 0, 0, 0);
        Collect(ref state, pendingDay, pendingValue, options);
        Collect(ref state, look.Day, normalised, options);
    }
}
