using System.Runtime.Intrinsics;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>How sun and sky change what the ground reflects. Lanes: the six bands, two unused.</summary>
internal readonly struct Light(PassConditions conditions)
{
    private static readonly Vector256<float> ShadeFactor = Vector256.Create(.46f, .40f, .36f, .33f, .27f, .25f, 1, 1);
    private static readonly Vector256<float> CloudShadeFactor = Vector256.Create(.56f, .50f, .46f, .44f, .38f, .36f, 1, 1);
    private static readonly Vector256<float> VeilColour = Vector256.Create(.225f, .205f, .190f, .185f, .120f, .085f, 0, 0);
    private static readonly Vector256<float> CloudColour = Vector256.Create(.640f, .645f, .655f, .690f, .510f, .400f, 0, 0);

    private readonly float _east = (float)(Math.Cos(conditions.SunElevation * Math.PI / 180) * Math.Sin(conditions.SunAzimuth * Math.PI / 180));
    private readonly float _north = (float)(Math.Cos(conditions.SunElevation * Math.PI / 180) * Math.Cos(conditions.SunAzimuth * Math.PI / 180));
    private readonly float _up = (float)Math.Sin(conditions.SunElevation * Math.PI / 180);

    /// <summary>Illumination of a slope (rise in 1/100) against flat ground: direct light by the cosine, a quarter diffuse.</summary>
    public float OnSlope(sbyte east, sbyte north)
    {
        float e = east / 100f, n = north / 100f;
        var cosine = (_up - e * _east - n * _north) / MathF.Sqrt(1 + e * e + n * n);
        return 0.25f + 0.75f * Math.Clamp(cosine / _up, 0.15f, 1.6f);
    }

    public static Vector256<float> InShade(float share) =>
        Vector256.Create(1 - share) + ShadeFactor * share;

    public static Vector256<float> ThroughSky(Vector256<float> ground, float opacity, float shadow, float haze, float body)
    {
        if (shadow > 0) ground *= Vector256.Create(1 - shadow) + CloudShadeFactor * shadow;
        if (haze > 0) ground = ground * (1 - 0.42f * haze) + VeilColour * (0.42f * haze);
        if (opacity > 0)
        {
            // Thin cloud is greyer than its core.
            var colour = CloudColour * (0.5f + 0.14f * opacity + 0.36f * body);
            ground = ground * (1 - opacity) + colour * opacity;
        }

        return ground;
    }
}
