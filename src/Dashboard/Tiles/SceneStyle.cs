using Monitoring.Domain.Imagery;

namespace Monitoring.Dashboard.Tiles;

/// <summary>Which bands make red, green and blue.</summary>
internal enum SceneStyle
{
    /// <summary>As the eye sees it.</summary>
    Natural,

    /// <summary>Near infrared as red: plants are red, roofs and bare soil stand out.</summary>
    FalseColour,
}

internal static class SceneStyles
{
    public static SceneStyle? Parse(string? name) => name switch
    {
        null or "natural" => SceneStyle.Natural,
        "falsecolour" => SceneStyle.FalseColour,
        _ => null,
    };

    /// <summary>Three bands, or the first one three times where the scene lacks the colours.</summary>
    public static IReadOnlyList<SceneBand> BandsOf(Scene scene, SceneStyle style)
    {
        string[] wanted = style is SceneStyle.FalseColour ? ["nir", "red", "green"] : ["red", "green", "blue"];
        var bands = wanted.Select(name => scene.Bands.FirstOrDefault(b => b.CommonName == name)).ToList();
        if (bands.TrueForAll(static b => b is not null))
        {
            return bands!;
        }

        var optical = scene.Bands.Where(static b => b.CommonName is not ("quality" or "cloud" or "scl")).ToList();
        return optical.Count >= 3 ? optical[..3] : [scene.Bands[0], scene.Bands[0], scene.Bands[0]];
    }
}
