namespace Monitoring.Domain.Geometry;

/// <summary>Views of an area in m². 1 亩 = 2000/3 m², 1 ha = 10 000 m².</summary>
public static class LandArea
{
    public const double SquareMetersPerMu = 2000.0 / 3.0;
    public const double SquareMetersPerHectare = 10_000.0;

    public static double ToMu(double squareMeters) => squareMeters / SquareMetersPerMu;

    public static double ToHectares(double squareMeters) => squareMeters / SquareMetersPerHectare;
}
