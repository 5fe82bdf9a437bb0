using Microsoft.Extensions.DependencyInjection;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery;

/// <summary>Options of the room.</summary>
public sealed record ImageryOptions
{
    /// <summary>Folder for the memory of the series; made when missing. What is in it can be made again from the catalogue.</summary>
    public required string Folder { get; init; }

    /// <summary>Folder of change networks (docs/formats/change-model.md), one folder a model; may be missing. Null (default): none.</summary>
    public string? ChangeModels { get; init; }

    public Network.NetworkOptions Network { get; init; } = new();

    public PairOptions Pair { get; init; } = new();

    public SeriesOptions Series { get; init; } = new();
}

/// <summary>Registers the room's parts; a role then decides whether its loop runs.</summary>
public static class ImageryRoom
{
    /// <exception cref="ArgumentException">Options out of range, named.</exception>
    public static IServiceCollection AddImagery(this IServiceCollection services, ImageryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Pair.Validate();
        options.Series.Validate();
        options.Network.Validate();
        services.AddSingleton(options);
        services.AddSingleton<PairDetection>();
        services.AddSingleton<ChangePipeline>();
        services.AddSingleton<ISeriesWatching>(static s => s.GetRequiredService<ChangePipeline>());
        services.AddSingleton<Redetect.Redetection>();
        services.AddSingleton<ISecondLook>(static s => s.GetRequiredService<Redetect.Redetection>());
        return services;
    }

    /// <summary>The loop that works scenes off into change sets.</summary>
    public static IServiceCollection AddImageryLoops(this IServiceCollection services)
    {
        services.AddHostedService(s => s.GetRequiredService<ChangePipeline>());
        return services;
    }
}
