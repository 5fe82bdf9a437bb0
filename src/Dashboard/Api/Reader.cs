using Microsoft.AspNetCore.Http;
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
internal sealed record Reader(string Name, Scope Scope, RegionNames Names)
{
    /// <summary>The ground of the scope, null = everything.</summary>
    public ScopeShape? Ground => Names.ShapeOf(Scope);

    /// <summary>True when nothing at all is in the scope.</summary>
    public bool SeesNothing => Scope.RegionPrefixes is { Count: 0 };

    public bool MaySee(Domain.Land.MapFeature feature) =>
        feature is Domain.Land.Region region ? Scope.Covers(region.Id) : Ground is not { } ground || ground.Covers(feature.Outline.Shape);

    public bool MaySee(Domain.Imagery.Scene scene) => Ground is not { } ground || ground.Covers(scene.Footprint.Shape);

    public static async ValueTask<Reader> OfAsync(HttpContext context, RegionDirectory regions, CancellationToken cancellationToken) =>
        new(context.User.NameOf(), context.User.ScopeOf(), await regions.NowAsync(cancellationToken));

    /// <summary>Minimal-interface binding.</summary>
    public static async ValueTask<Reader?> BindAsync(HttpContext context) => await OfAsync(
        context,
        (RegionDirectory)context.RequestServices.GetService(typeof(RegionDirectory))!,
        context.RequestAborted);
}
