using Monitoring.Dashboard.People;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Which grade the data of each layer have, and up to which grade each role sees map layers. What is not named is <see cref="DataGrade.General"/>. Warnings carry their grade
/// but are held back from nobody in whose region they lie: who has to act must see them. Immutable; thread-safe.
/// </summary>
internal sealed class LayerGrades(DashboardOptions options)
{
    /// <summary>Layers that can be named in the settings.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<MapLayer>().Select(MapLayers.NameOf), MapLayers.Patches, Alerts];

    public const string Alerts = "alerts";

    public DataGrade Of(string layer) => options.LayerGrades.GetValueOrDefault(layer, DataGrade.General);

    /// <summary>Whether somebody of a role may see a layer of the map.</summary>
    public bool Shows(Role role, string layer) => Of(layer) <= options.SeenUpTo.GetValueOrDefault(role, DataGrade.Core);
}
