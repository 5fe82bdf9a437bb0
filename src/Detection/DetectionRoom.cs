using Microsoft.Extensions.DependencyInjection;
using Monitoring.Detection.Conflicts;
using Monitoring.Detection.Incidents;
using Monitoring.Detection.Indicators;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Detection.Telemetry;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection;

/// <summary>Options of the room.</summary>
public sealed record DetectionOptions
{
    /// <summary>File whose sections replace those of the built-in rules (docs/formats/rules.md), or null. A file that is not there is no error.</summary>
    public string? RulesFile { get; init; }

    /// <summary>File that adds indicator definitions and targets (docs/formats/indicators.md), or null. A file that is not there is no error.</summary>
    public string? IndicatorsFile { get; init; }

    /// <summary>File whose sections replace those of the built-in conflict rules (docs/formats/conflicts.md), or null. A file that is not there is no error.</summary>
    public string? ConflictRulesFile { get; init; }

    /// <summary>Folder of code lists that replace those that ship, or null.</summary>
    public string? CodesFolder { get; init; }

    /// <summary>How the service learns from outcomes; null = it does not score and keeps no models.</summary>
    public LearningOptions? Learning { get; init; }

    public TelemetryOptions Telemetry { get; init; } = new();
}

/// <summary>Registers the room's parts; a role then decides whether its loops run.</summary>
public static class DetectionRoom
{
    /// <exception cref="InvalidDataException">A rules or indicators file is wrong; one sentence says what, where, and how to mend it.</exception>
    public static IServiceCollection AddDetection(this IServiceCollection services, DetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Telemetry.Faults().Concat(options.Learning?.Faults() ?? []).ToList();
        if (faults.Count > 0)
        {
            throw new InvalidDataException(string.Join(" ", faults));
        }

        var rules = options.RulesFile is { } file ? DetectionRules.Load(file) : DetectionRules.Default;
        services.AddSingleton(options);
        services.AddSingleton(options.Telemetry);
        services.AddSingleton(rules);
        services.AddSingleton<IAlertRules>(rules);
        services.AddSingleton<IGeodesic, GdalGeodesic>();
        services.AddSingleton<PlanIndexSource>();
        services.AddSingleton(options.ConflictRulesFile is { } conflicts ? ConflictRules.Load(conflicts) : ConflictRules.Default);
        services.AddSingleton(s => new ConflictEngine(s.GetRequiredService<ConflictRules>(), options.CodesFolder is { } codes ? LandCodes.Load(codes) : LandCodes.Shipped));
        services.AddSingleton<IConflictCheck, ConflictCheck>();
        services.AddSingleton<JudgementPipeline>();
        services.AddSingleton<TelemetryPipeline>();
        services.AddSingleton<IncidentPipeline>();
        services.AddSingleton(options.IndicatorsFile is { } indicators ? IndicatorCatalogue.Load(indicators) : IndicatorCatalogue.Default);
        services.AddSingleton<ISceneSampler, GdalSceneSampler>();
        services.AddSingleton<IndicatorPipeline>();
        if (options.Learning is { } learning)
        {
            services.AddSingleton(learning);
            services.AddSingleton<ExampleBook>();
            services.AddSingleton<ModelDesk>();
            services.AddSingleton<IViolationModels>(static s => s.GetRequiredService<ModelDesk>());
            services.AddSingleton<PushedLedger>();
            services.AddSingleton<CandidateFactsSource>();
            services.AddSingleton<CandidateScoring>();
            services.AddSingleton<RiskSigns>();
            services.AddSingleton<RiskMaker>();
            services.AddSingleton<LearningLoop>();
        }

        return services;
    }

    /// <summary>The loops that work changes, map versions, observations, findings and scenes off.</summary>
    public static IServiceCollection AddDetectionLoops(this IServiceCollection services)
    {
        services.AddHostedService(s => s.GetRequiredService<JudgementPipeline>());
        services.AddHostedService(s => s.GetRequiredService<TelemetryPipeline>());
        services.AddHostedService(s => s.GetRequiredService<IncidentPipeline>());
        services.AddHostedService(s => s.GetRequiredService<IndicatorPipeline>());
        if (services.Any(static d => d.ServiceType == typeof(LearningLoop)))
        {
            services.AddHostedService(s => s.GetRequiredService<LearningLoop>());
        }

        return services;
    }
}
