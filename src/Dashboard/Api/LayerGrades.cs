using Monitoring.Dashboard.People;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Up to which grade each role sees map layers. Warnings carry their grade but are held back from nobody in whose region they lie: who has to act must see them.
/// Immutable; thread-safe.
/// </summary>
internal sealed class LayerGrades(DashboardOptions options)
{
    private readonly LayerGrading _grades = new(options.LayerGrades);

    public DataGrade Of(string layer) => _grades.Of(layer);

    public DataGrade Of(MapFeature feature) => _grades.Of(feature);

    /// <summary>Whether somebody of a role may see anything of a layer of the map.</summary>
    public bool Shows(Role role, string layer) => _grades.RangeOf(layer).Least <= Most(role);

    /// <summary>Whether they may see all of it.</summary>
    public bool ShowsAll(Role role, string layer) => _grades.RangeOf(layer).Most <= Most(role);

    public bool Shows(Role role, MapFeature feature) => _grades.Of(feature) <= Most(role);

    private DataGrade Most(Role role) => options.SeenUpTo.GetValueOrDefault(role, DataGrade.Core);
}
