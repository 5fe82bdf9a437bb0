using System.Net;
using Monitoring.Gdal;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Metadata from the hosts that the operator named (<see cref="SceneOptions.RemoteHosts"/>), and leave for GDAL to read rasters there. No redirect is followed: it could
/// lead to a host that nobody named. Thread-safe.
/// </summary>
/// <remarks>GDAL itself follows redirects: a named host is trusted not to answer a raster's HEAD plainly and its GET with a redirect.</remarks>
/// <param name="clock">Of the deadline; null = the system's.</param>
internal sealed class RemoteFiles(SceneOptions options, TimeProvider? clock = null)
{
    private static readonly Lazy<HttpClient> Shared = new(() => new HttpClient(
        new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10), UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan });

    public static bool IsAddress(string path) =>
        path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>An address on a host that is named.</summary>
    /// <exception cref="RefusedInputException">Not an address, or the host is not named.</exception>
    public Uri Allowed(string address, string where)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            throw new RefusedInputException($"{where} is no http or https address without user and password; correct it.");
        if (options.RemoteHosts.Count == 0)
            throw new RefusedInputException($"{where} is no local file, and remote reading is off; download it beside the Item and name it relatively, or name the host {uri.Authority} in SceneHosts.");
        return options.RemoteHosts.Contains(uri.Authority, StringComparer.OrdinalIgnoreCase)
            ? uri
            : throw new RefusedInputException($"{where} is on the host {DeviceTopic.Show(uri.Authority)}, which SceneHosts does not name; add it there, or download the files.");
    }

    /// <summary>A JSON document whole, within <see cref="SceneOptions.RemotePatience"/>.</summary>
    /// <exception cref="RefusedInputException">It cannot be had, is too large, or the host falls silent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public byte[] Read(Uri address, int maxBytes, CancellationToken cancellation)
    {
        // On the pool, so that no caller's context is waited for while it waits here.
        return Task.Run(() => WithinAsync(address, token => ReadAsync(address, maxBytes, token), cancellation), cancellation).GetAwaiter().GetResult();
    }

    /// <summary>What GDAL opens for an address that answers plainly.</summary>
    /// <exception cref="RefusedInputException">It does not.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public string ForGdal(Uri address, CancellationToken cancellation)
    {
        return Task.Run(
            () => WithinAsync(
                address,
                async token =>
                {
                    using var answer = await SendAsync(HttpMethod.Head, address, token);
                    return ClosedRaster.At(address);
                },
                cancellation),
            cancellation).GetAwaiter().GetResult();
    }

    private async Task<byte[]> ReadAsync(Uri address, int maxBytes, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, address, cancellation);
        if (answer.Content.Headers.ContentLength > maxBytes)
            throw new RefusedInputException($"{address} has {answer.Content.Headers.ContentLength} bytes; a STAC document has at most {maxBytes}.");
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (all.Length + read > maxBytes)
                throw new RefusedInputException($"{address} has more than {maxBytes} bytes, as no STAC document has.");
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>One deadline for the answer and its body: a host may fall silent after the headers too.</summary>
    private async Task<T> WithinAsync<T>(Uri address, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(options.RemotePatience, clock ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException problem) when (!cancellation.IsCancellationRequested)
        {
            throw new RefusedInputException($"{address} was not had within {Math.Ceiling(options.RemotePatience.TotalSeconds)} s: the host does not answer or fell silent; try again later.", problem);
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException)
        {
            throw new RefusedInputException($"{address} cannot be read: {problem.Message}", problem);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, Allowed(address.AbsoluteUri, address.AbsoluteUri));
        var answer = await Shared.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (answer.StatusCode == HttpStatusCode.OK)
            return answer;
        using (answer)
        {
            throw new RefusedInputException((int)answer.StatusCode is >= 300 and < 400
                ? $"{address} sends elsewhere ({(int)answer.StatusCode}), which is not followed; give the address it leads to."
                : $"{address} cannot be read: the host answers {(int)answer.StatusCode}; check the address.");
        }
    }
}
