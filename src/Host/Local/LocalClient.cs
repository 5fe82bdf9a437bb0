using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Dashboard.People;
using Monitoring.Detection.Imagery.Redetect;
using Monitoring.Domain.Intake;
using Monitoring.Host.Commands;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Replay;
using Monitoring.Storage;

namespace Monitoring.Host.Local;

/// <summary>Hands a writing command over to the server that holds the data directory.</summary>
internal static class LocalClient
{
    /// <summary>The service's JSON: camel case, enumerations by name.</summary>
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <exception cref="BadInputException">The holder cannot be reached; the message says who it is.</exception>
    public static async Task<ImportResult> ImportAsync(string data, DataDirectoryInUseException held, ImportRequest request, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<ImportResult>(http, "local/import", request, held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<RegisterAnswer> AskRegistersAsync(string data, DataDirectoryInUseException held, RegisterQuery query, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<RegisterAnswer>(http, "local/ask", query, held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<ConflictDone> CheckAsync(string data, DataDirectoryInUseException held, ConflictRequest request, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<ConflictDone>(http, "local/check", request, held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<SceneIntakeResult> AddSceneAsync(string data, DataDirectoryInUseException held, string path, string actor, DateTimeOffset? acquiredAt, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<SceneIntakeResult>(http, "local/scenes", new LocalApi.SceneRequest(path, actor, acquiredAt), held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<ReplaySummary> ReplayAsync(string data, DataDirectoryInUseException held, string path, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<ReplaySummary>(http, "local/replay", new LocalApi.ReplayRequest(path), held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<PasswordResetResult> ResetPasswordAsync(string data, DataDirectoryInUseException held, string user, string actor, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<PasswordResetResult>(http, "local/reset-password", new LocalApi.ResetRequest(user, actor), held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<ModelAnswer> AskModelsAsync(string data, DataDirectoryInUseException held, ModelRequest request, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<ModelAnswer>(http, "local/model", request, held, cancellationToken);
    }

    /// <inheritdoc cref="ImportAsync"/>
    public static async Task<RedetectResult> RedetectAsync(string data, DataDirectoryInUseException held, string scene, string? detector, CancellationToken cancellationToken)
    {
        using var http = Connect(data, held);
        return await AskAsync<RedetectResult>(http, "local/redetect", new LocalApi.RedetectRequest(scene, detector), held, cancellationToken);
    }

    private static HttpClient Connect(string data, DataDirectoryInUseException held)
    {
        var key = Path.Combine(data, "keys", LocalApi.KeyFile);
        if (held.Holder?.Address is not { } address || !File.Exists(key))
        {
            throw new BadInputException(held.Message);
        }

        string text;
        try
        {
            text = File.ReadAllText(key);
        }
        catch (UnauthorizedAccessException)
        {
            throw new BadInputException($"{held.Message[..held.Message.IndexOf(':', StringComparison.Ordinal)]}, and {key} is readable by the account that runs it only; run the command as that account.");
        }

        // Imports of large files take their time; Ctrl-C ends the wait.
        var http = new HttpClient { BaseAddress = new Uri(address.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add(LocalApi.Header, text);
        http.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
        return http;
    }

    private static async Task<TResult> AskAsync<TResult>(HttpClient http, string path, object request, DataDirectoryInUseException held, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.PostAsync(path, JsonContent.Create(request, request.GetType(), options: Json), cancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<TResult>(Json, cancellationToken) ?? throw new HttpRequestException("the answer was empty");
        }
        catch (HttpRequestException fault)
        {
            throw new BadInputException($"{held.Message} It was asked to do the work itself, but answered: {fault.Message}.");
        }
    }
}
