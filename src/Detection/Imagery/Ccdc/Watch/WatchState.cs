using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>How far a pixel's watch has come.</summary>
public enum WatchStage : ushort
{
    /// <summary>Looks are kept until a model can begin.</summary>
    Collecting,

    /// <summary>A model is followed.</summary>
    Following,
}

/// <summary>A look that is kept. Days count from the series' first, from 1.</summary>
/// <param name="Value">NDVI × 10 000.</param>
internal readonly record struct KeptLook(ushort Day, short Value);

/// <summary>
/// All that a pixel's watch remembers: 280 bytes however long it is watched. While it collects, the numbers hold the looks themselves;
/// once a model is followed, the sums of products from which the model follows. Days count from the series' first look, which is day 1.
/// Written to files as it lies in memory (little-endian); docs/algorithms/ccdc.md gives the layout.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct WatchState
{
    /// <summary>Size in bytes.</summary>
    public const int Bytes = 280;

    /// <summary>Looks that fit while it collects.</summary>
    internal const int Capacity = Held.Count * sizeof(double) / 4;

    internal Held Numbers;

    internal WatchStage Stored;

    /// <summary>Looks kept, or folded into the model.</summary>
    internal ushort Looks;

    /// <summary>Newest look that is kept or folded in; the change lies after it.</summary>
    internal ushort LastDay;

    /// <summary>The look that waits for the next one to agree or not; 0 = none.</summary>
    internal ushort PendingDay;

    /// <summary>Looks in a row that were greener than expected.</summary>
    internal ushort GainRun;

    /// <summary>Its value, normalised.</summary>
    internal short PendingValue;

    internal ushort LastBreakAfter;

    internal ushort LastBreakDay;

    internal ushort LastBreakSeen;

    /// <summary>Looks in a row that were below what was expected.</summary>
    internal ushort LossRun;

    /// <summary>The first of them, and the newest look before it that is folded in.</summary>
    internal ushort LossDay;

    internal ushort LossAfter;

    /// <summary>Its deviation in units of the look's scatter and tail and the pixel's roughness.</summary>
    internal float PendingEvidence;

    /// <summary>Its deviation in units of the look's scatter alone.</summary>
    internal float PendingDeviation;

    internal float LastBreakEvidence;

    internal float LastBreakChange;

    public readonly WatchStage Stage => Stored;

    /// <summary>Looks that the present model holds, or that are kept for one.</summary>
    public readonly int LookCount => Looks;

    /// <summary>The newest break, if there was any: the change lies after <see cref="BreakAfter"/> and not after <see cref="BreakDay"/>.</summary>
    public readonly bool HasBreak => LastBreakDay != 0;

    /// <summary>Last look before the break that agreed.</summary>
    public readonly int BreakAfter => LastBreakAfter;

    /// <summary>First look that disagreed.</summary>
    public readonly int BreakDay => LastBreakDay;

    /// <summary>The look that made it certain.</summary>
    public readonly int BreakSeen => LastBreakSeen;

    /// <summary>(|z₁| + |z₂|)/√2 of the two looks.</summary>
    public readonly float BreakEvidence => LastBreakEvidence;

    /// <summary>Deviation of the second look, in the unit of the value: below 0 plants were lost.</summary>
    public readonly float BreakChange => LastBreakChange;

    /// <summary>The looks that are kept; only while it collects.</summary>
    [UnscopedRef]
    internal Span<KeptLook> Kept => MemoryMarshal.Cast<double, KeptLook>((Span<double>)Numbers);

    /// <summary>The model's sums; only while it follows.</summary>
    [UnscopedRef]
    internal Span<double> Sums => Numbers;

    [InlineArray(Count)]
    internal struct Held
    {
        public const int Count = 30;

        private double _first;
    }
}
