using Monitoring.Detection.Imagery.Masks;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// Kind of change from the features of an object: each kind is a product of memberships in [0, 1] (fuzzy rules, Zadeh 1965), so one wrong sign
/// is enough to doubt it. docs/algorithms/objects.md lists the sources. One pair never tells a use for certain: each kind has an upper bound.
/// </summary>
public static class SiteKindRules
{
    /// <summary>Above this (red − blue)/(red + blue) a bright bare surface is soil, below it roof, concrete or film (as <see cref="KindRules"/>).</summary>
    private const double SoilColour = 0.22;

    /// <summary>Minerals and metal are flat from 1.6 to 2.2 µm; film and straw fall below 0.82 of it: (0.82 − 1)/(0.82 + 1) (as <see cref="Series.GroundEvidence"/>).</summary>
    private const double FilmSwirRatio = -0.099;

    /// <summary>A shape is seen from this many pixels across on, and well seen at five: a line of two pixels is any mixture (Nyquist).</summary>
    private const double LeastAcross = 2;
    private const double WellAcross = 5;

    /// <summary>Motorways with shoulders are 42 m wide (JTG B01-2014, eight lanes); twice that with slopes is the widest road.</summary>
    private const double WidestRoadMeters = 84;

    /// <summary>Ground-mounted photovoltaic fields are rarely under a hectare; smaller dark things are roofs and asphalt.</summary>
    private const double LeastSolarSquareMeters = 10_000;

    /// <param name="features">As <see cref="ObjectFeatures.Names"/>.</param>
    /// <param name="gsdMeters">Side of a pixel, &gt; 0.</param>
    public static SiteKindOpinion Of(ReadOnlySpan<float> features, double gsdMeters)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gsdMeters);
        var f = new View(features);
        var square = Math.Exp(f["area_log"]);

        // Mean width of any form, bent ones too: twice the area over the perimeter.
        var perimeter = Math.Sqrt(4 * Math.PI * square / f["compactness"]);
        var across = 2 * square / perimeter;
        var slender = square / (across * across);
        double seen = Up(across * 2 / gsdMeters, LeastAcross, WellAcross), line = across / gsdMeters >= LeastAcross ? 1 : double.NaN;
        double bare = Down(f["ndvi_after"], CoverLimits.SparseVegetation, 0.3), soil = Up(f["red_blue_after"], SoilColour - 0.07, SoilColour + 0.03), mineral = 1 - soil;
        var dry = Down(f["mndwi_after"], -0.1, 0.05);
        var waterGain = f["mndwi_after"] - f["mndwi_before"];
        var wasBuilt = Down(f["ndvi_before"], CoverLimits.SparseVegetation, 0.3) * Down(f["red_blue_before"], SoilColour - 0.07, SoilColour + 0.03) * Down(f["mndwi_before"], -0.1, 0.05);
        var wasBright = Up(f["bright_before"], 0.08, 0.14);
        var plain = Up(f["swir_ratio_after"], FilmSwirRatio - 0.04, FilmSwirRatio + 0.02);

        var certainty = new SortedDictionary<SiteKind, double>();
        var untold = new SortedSet<SiteKind>();
        Tell(SiteKind.Pond, 0.9, Up(f["mndwi_after"], 0, 0.2) * Up(waterGain, 0.1, 0.3) * Down(f["ndvi_after"], 0, 0.15));
        Tell(SiteKind.Reclamation, 0.8, Up(f["mndwi_before"], 0, 0.2) * Up(-waterGain, 0.1, 0.3) * dry * Down(f["ndvi_after"], 0.2, 0.5));
        Tell(SiteKind.Demolition, 0.7, wasBuilt * wasBright * Math.Max(Up(f["ndvi_after"] - f["ndvi_before"], 0.1, 0.25), soil * bare * Up(f["red_blue_after"] - f["red_blue_before"], 0.05, 0.12)));
        Tell(SiteKind.Earthworks, 0.7, bare * soil * Up(f["bsi_after"], 0, 0.1) * dry * Up(Math.Abs(f["ndvi_before"] - f["ndvi_after"]) + Math.Abs(f["bright_after"] - f["bright_before"]), 0.05, 0.15));
        Tell(SiteKind.Road, 0.8, bare * mineral * dry * line * Up(slender, 6, 14) * Down(across, WidestRoadMeters / 2, WidestRoadMeters));
        Tell(SiteKind.Building, 0.8, bare * mineral * dry * seen * plain * Down(slender, 6, 14) * Up(f["bright_after"], 0.06, 0.1));
        Tell(SiteKind.Greenhouse, 0.6, Up(f["bright_after"], 0.12, 0.18) * Up(f["ndvi_after"], 0.05, 0.15) * Down(f["ndvi_after"], 0.4, 0.55) * Down(f["ndbi_after"], 0, 0.05) * mineral * Down(f["swir_ratio_after"], FilmSwirRatio - 0.02, FilmSwirRatio + 0.04));
        Tell(SiteKind.Photovoltaic, 0.5, Down(f["bright_after"], 0.07, 0.11) * Up(f["bright_before"] - f["bright_after"], 0, 0.04) * Down(Math.Abs(f["ndvi_after"]), 0.12, 0.25) * Down(f["red_blue_after"], 0.05, 0.15) * dry * Up(square, LeastSolarSquareMeters / 2, LeastSolarSquareMeters));
        certainty[SiteKind.Other] = Math.Round(1 - certainty.Values.Max(), 2);
        return new SiteKindOpinion(certainty, untold);

        void Tell(SiteKind kind, double most, double membership)
        {
            if (double.IsNaN(membership))
            {
                untold.Add(kind);
            }

            certainty[kind] = double.IsNaN(membership) ? 0 : Math.Round(most * Math.Clamp(membership, 0, 1), 2);
        }
    }

    /// <summary>0 up to <paramref name="from"/>, 1 from <paramref name="to"/> on; NaN stays NaN.</summary>
    private static double Up(double value, double from, double to) => Math.Clamp((value - from) / (to - from), 0, 1);

    private static double Down(double value, double from, double to) => 1 - Up(value, from, to);

    private readonly ref struct View(ReadOnlySpan<float> features)
    {
        private readonly ReadOnlySpan<float> _features = features;

        public double this[string name] => _features[ObjectFeatures.PlaceOf(name)];
    }
}
