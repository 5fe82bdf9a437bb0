using Monitoring.Detection.Imagery.Masks;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Patches;

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

    public static ChangeKind Of(PatchFacts f, bool calibrated)
    {
        ArgumentNullException.ThrowIfNull(f);
        return calibrated ? OfReflectance(f) : OfDifferences(f);
    }

    private static ChangeKind OfReflectance(PatchFacts f)
    {
        if (f.MndwiAfter > 0 && f.NdviAfter < 0.05 && f.MndwiAfter - f.MndwiBefore > 0.2)
        {
            return ChangeKind.Water;
        }

        var gained = f.NdviAfter - f.NdviBefore;
        var builtBefore = f.NdviBefore < CoverLimits.SparseVegetation && !IsSoil(f.BsiBefore, f.RedBlueBefore) && f.MndwiBefore < 0;
        if (gained > VegetationStep && f.NdviAfter > CoverLimits.SparseVegetation)
        {
            return builtBefore && f.BrightBefore > 0.1 ? ChangeKind.Demolition : ChangeKind.VegetationGain;
        }

        if (f.NdviAfter < 0.3)
        {
            if (!IsSoil(f.BsiAfter, f.RedBlueAfter))
            {
                return ChangeKind.BuiltUp;
            }

            return f.NdviBefore < CoverLimits.SparseVegetation && builtBefore && f.BrightAfter > f.BrightBefore ? ChangeKind.Demolition : ChangeKind.BareSoil;
        }

        return gained < -VegetationStep ? ChangeKind.VegetationLoss : ChangeKind.Other;
    }

    /// <summary>Digital numbers carry no absolute meaning; only what rose and what fell against the unchanged ground does.</summary>
    private static ChangeKind OfDifferences(PatchFacts f)
    {
        double green = f.NdviAfter - f.NdviBefore, water = f.MndwiAfter - f.MndwiBefore, bright = f.BrightAfter - f.BrightBefore;
        return water > 0.2 && bright < 0 ? ChangeKind.Water
            : green > VegetationStep ? ChangeKind.VegetationGain
            : bright > 0 ? ChangeKind.BuiltUp
            : green < -VegetationStep ? ChangeKind.VegetationLoss
            : ChangeKind.Other;
    }

    private static bool IsSoil(double bsi, double redBlue) => bsi > SoilBsi && redBlue > SoilColour;
}
