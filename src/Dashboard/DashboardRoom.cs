using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Hubs;
using Monitoring.Dashboard.Pages;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Regions;
using Monitoring.Dashboard.Tiles;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard;

/// <summary>How a host takes the room in.</summary>
public static class DashboardRoom
{
    /// <summary>
    /// Registers interface, hub, sign-in and tiles. Needs the stores, the event bus, <c>IAlertCommands</c> and <c>IRegisterImport</c> from
    /// other rooms; <c>IIngestLedger</c> where the doors are in the same process. Before the first request call <see cref="FirstRun.EnsureAsync"/>.
    /// </summary>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static IServiceCollection AddDashboard(this IServiceCollection services, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddPeople(options);
        services.ConfigureHttpJsonOptions(static json => ApiJson.Configure(json.SerializerOptions));
        services.AddProblemDetails(static problems => problems.CustomizeProblemDetails = static c =>
        {
            c.ProblemDetails.Detail ??= SentenceOf(c.ProblemDetails.Status ?? c.HttpContext.Response.StatusCode, c.HttpContext.Request);
            c.ProblemDetails.Extensions.Remove("traceId");
        });
        services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi();
        services.AddSignalR(static hub =>
            {
                hub.MaximumReceiveMessageSize = 128 << 10;
                hub.MaximumParallelInvocationsPerClient = 1;
                hub.EnableDetailedErrors = false;
            })
            .AddJsonProtocol(static json => ApiJson.Configure(json.PayloadSerializerOptions));
        services.AddSingleton<RegionDirectory>();
        services.AddSingleton<LayerGrades>();
        services.AddSingleton<SceneDirectory>();
        services.AddSingleton<AlertEvidence>();
        services.AddSingleton<Likelihoods>();
        services.AddSingleton<PhotoCases>();
        services.AddSingleton<CostLimits>();
        services.AddSingleton<TileCache>();
        services.AddSingleton<VectorTiles>();
        services.AddSingleton<SceneTiles>();
        services.AddSingleton<SecurityHeaders>();
        services.AddSingleton<AlertTail>();
        services.AddSingleton<Connections>();
        services.AddHostedService(static s => s.GetRequiredService<AlertTail>());
        services.AddHostedService<ObservationTail>();
        services.AddSingleton(static s => new SecondLooks(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SecondLooks>>(), s.GetService<ISecondLook>()));
        services.AddHostedService(static s => s.GetRequiredService<SecondLooks>());
        return services;
    }

    /// <summary>Puts the room's middleware and endpoints on the application. The order of the parts is part of their safety.</summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = app.Services.GetRequiredService<DashboardOptions>();
        var headers = app.Services.GetRequiredService<SecurityHeaders>();
        if (options.TrustedProxies.Count > 0)
        {
            // First of all: limits, cookies and the audit trail rest on who really asks.
            app.UseForwardedHeaders(ForwardedBy(options));
        }

        app.Use(headers.InvokeAsync);
        app.UseExceptionHandler(static handler => handler.Run(AnswerProblemAsync));
        app.UseStatusCodePages();
        app.UsePages(options);
        app.UseRouting();
        app.Use(Guards.DemandSameSiteAsync);
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();

        var api = app.MapGroup("/api");
        api.MapSession();
        api.MapUsers();
        api.MapOverview();
        api.MapAlerts();
        api.MapIncidents();
        api.MapVerification();
        api.MapDevices();
        api.MapLedger();
        api.MapScenes();
        api.MapChanges();
        api.MapMap();
        api.MapPlaces();
        api.MapConflicts();
        api.MapTiles();
        api.MapIndicators();
        api.MapModels();
        api.MapRisk();
        api.MapHeldBack();
        api.MapAudit();
        api.MapImport();
        api.MapExports();
        app.MapHub<WarningsHub>("/hubs/warnings", static hub => hub.CloseOnAuthenticationExpiration = true);
        app.MapOpenApi();
        app.MapGet("/healthz", static () => TypedResults.Ok(new Health("ok"))).AllowAnonymous();
        app.MapPages(options);
        return app;
    }

    private static ForwardedHeadersOptions ForwardedBy(DashboardOptions options)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxies)
        {
            _ = DashboardOptions.TryNetwork(proxy, out var network);
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }

    /// <summary>Faults of input and of stores as one sentence; of bugs nothing but that there is one.</summary>
    private static Task AnswerProblemAsync(HttpContext context)
    {
        var problem = context.Features.Get<IExceptionHandlerFeature>()?.Error switch
        {
            BadHttpRequestException { InnerException: JsonException json } bad => Problems.Of(bad.StatusCode, $"The body is not what is expected here: {json.Message}"),
            BadHttpRequestException bad => Problems.Of(bad.StatusCode, bad.Message),
            InvalidDataException bad => Problems.Bad(bad.Message),
            // The store's own sentence names files of the server: it is for the log.
            StoreUnavailableException => Problems.Of(StatusCodes.Status503ServiceUnavailable, "A store of the service cannot be read or written at the moment; its log says why."),
            _ => Problems.Of(StatusCodes.Status500InternalServerError, "The service failed at this; its log says why."),
        };
        return problem.ExecuteAsync(context);
    }

    private static string SentenceOf(int status, HttpRequest request) => status switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not take {request.Method}.",
        StatusCodes.Status415UnsupportedMediaType => "The body has a media type that is not taken here; send application/json.",
        _ => $"The request was answered with status {status}.",
    };

    private sealed record Health(string Status);
}
