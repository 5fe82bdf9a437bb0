using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.People;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Who asks and what they may see; every query goes through it. Endpoints take it as a parameter, so that none can forget the scope.
/// </summary>
/// <param name="Name">User name, the actor of commands.</param>
/// <param name="Scope">Regions by prefix.</param>
/// <param name="Names">Regions of the map as it is now.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Grades">How sensitive the layers are.</param>
internal sealed record Reader(string Name, Scope Scope, RegionNames Names, Role Role, LayerGrades Grades)
{
    /// <summary>The ground of the scope, null = everything.</summary>
    public ScopeShape? Ground => Names.ShapeOf(Scope);

    /// <summary>True when nothing at all is in the scope.</summary>
    public bool SeesNothing => Scope.RegionPrefixes is { Count: 0 };

    /// <summary>Whether the grade of a layer of the map lets them see anything of it.</summary>
    public bool MaySee(string layer) => Grades.Shows(Role, layer);

    public bool MaySee(Domain.Land.MapFeature feature) => Grades.Shows(Role, feature) && IsOnTheirGround(feature);

    private bool IsOnTheirGround(Domain.Land.MapFeature feature) =>
        feature is Domain.Land.Region region ? Scope.Covers(region.Id) : Ground is not { } ground || ground.Covers(feature.Outline.Shape);

    public bool MaySee(Domain.Imagery.Scene scene) => Ground is not { } ground || ground.Covers(scene.Footprint.Shape);

    /// <summary>Minimal-interface binding.</summary>
    public static async ValueTask<Reader?> BindAsync(HttpContext context) => new(
        context.User.NameOf(),
        context.User.ScopeOf(),
        await context.RequestServices.GetRequiredService<RegionDirectory>().NowAsync(context.RequestAborted),
        context.User.RoleOf() ?? Role.Viewer,
        context.RequestServices.GetRequiredService<LayerGrades>());
}
