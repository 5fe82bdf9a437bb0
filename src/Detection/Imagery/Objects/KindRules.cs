using Monitoring.Detection.Imagery.Masks;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// What a patch became, from its mean spectrum on both dates: an ordered list of rules on indices, first match wins. Land cover only:
/// whether bare ground is a building site or a field is for persistence and judgement to say.
/// </summary>
public static class KindRules
{
    /// <summary>NDVI difference that counts as gained or lost vegetation.</summary>
    private const double VegetationStep = 0.15;

    /// <summary>Above this bare-soil index, and this red, a surface is soil rather than roof or concrete.</summary>
    private const double SoilBsi = 0.05;
    private const double SoilColour = 0.22;

    /// <returns>
    /// Null: cannot be told, because a rule that may be the first to match needs an index whose bands the scenes lack. A rule whose known parts already
    /// fail needs no more.
    /// </returns>
    public static ChangeKind? Of(PatchFacts f, bool calibrated)
    {
        ArgumentNullException.ThrowIfNull(f);
        return calibrated ? OfReflectance(f) : OfDifferences(f);
    }

    // Conditions are true, false or not known (null), and "and" and "or" go by that (Kleene 1938): C#'s & and | on bool? do.
    private static ChangeKind? OfReflectance(PatchFacts f)
    {
        var gained = f.NdviAfter - f.NdviBefore;
        var sparseBefore = Under(f.NdviBefore, CoverLimits.SparseVegetation);
        var builtBefore = sparseBefore & !IsSoil(f.BsiBefore, f.RedBlueBefore) & Under(f.MndwiBefore, 0);
        return FirstOf(
            (Over(f.MndwiAfter, 0) & Under(f.NdviAfter, 0.05) & Over(f.MndwiAfter - f.MndwiBefore, 0.2), () => ChangeKind.Water),
            (Over(gained, VegetationStep) & Over(f.NdviAfter, CoverLimits.SparseVegetation), () => FirstOf(
                (builtBefore & Over(f.BrightBefore, 0.1), () => ChangeKind.Demolition),
                (true, () => ChangeKind.VegetationGain))),
            (Under(f.NdviAfter, 0.3), () => FirstOf(
                (!IsSoil(f.BsiAfter, f.RedBlueAfter), () => ChangeKind.BuiltUp),
                (sparseBefore & builtBefore & Over(f.BrightAfter, f.BrightBefore), () => ChangeKind.Demolition),
                (true, () => ChangeKind.BareSoil))),
            (Under(gained, -VegetationStep), () => ChangeKind.VegetationLoss),
            (true, () => ChangeKind.Other));
    }

    /// <summary>Digital numbers carry no absolute meaning; only what rose and what fell against the unchanged ground does.</summary>
    private static ChangeKind? OfDifferences(PatchFacts f)
    {
        double green = f.NdviAfter - f.NdviBefore, water = f.MndwiAfter - f.MndwiBefore, bright = f.BrightAfter - f.BrightBefore;
        return FirstOf(
            (Over(water, 0.2) & Under(bright, 0), () => ChangeKind.Water),
            (Over(green, VegetationStep), () => ChangeKind.VegetationGain),
            (Over(bright, 0), () => ChangeKind.BuiltUp),
            (Under(green, -VegetationStep), () => ChangeKind.VegetationLoss),
            (true, () => ChangeKind.Other));
    }

    /// <summary>What the first condition that holds says; null when one before it is not known.</summary>
    private static ChangeKind? FirstOf(params ReadOnlySpan<(bool? Holds, Func<ChangeKind?> Kind)> rules)
    {
        foreach (var (holds, kind) in rules)
        {
            if (holds is not false)
            {
                return holds is true ? kind() : null;
            }
        }

        throw new InvalidOperationException("The last rule holds always.");
    }

    private static bool? IsSoil(double bsi, double redBlue) => Over(bsi, SoilBsi) & Over(redBlue, SoilColour);

    private static bool? Over(double value, double limit) => double.IsNaN(value - limit) ? null : value > limit;

    private static bool? Under(double value, double limit) => Over(-value, -limit);
}
