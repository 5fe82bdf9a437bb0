using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.Converters;

namespace Monitoring.Acceptance;

/// <summary>The simulator's hidden truth.</summary>
internal sealed record Truth(IReadOnlyList<TrueSite> Sites)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new GeoJsonConverterFactory() },
    };

    public static Truth Read(string file) => JsonSerializer.Deserialize<Truth>(File.ReadAllText(file), Options)!;
}

/// <param name="Pixels">Pixels of the part that counts.</param>
/// <param name="Observable">At least 9 pixels, clear before and after; computed by the simulator.</param>
/// <param name="Footprint">The whole disturbed ground.</param>
/// <param name="UnlawfulPart">Null for a lawful site.</param>
internal sealed record TrueSite(
    string Id, bool Lawful, string Reason, int Pixels, bool Observable, DateOnly EarthworksFrom, DateOnly CompletedOn, DateOnly? FirstClearAfter, Geometry Footprint, Geometry? UnlawfulPart);
