using System.Net;
using Monitoring.Gdal;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Metadata from the hosts that the operator named (<see cref="SceneOptions.RemoteHosts"/>), and leave for GDAL to read rasters there. No redirect is followed: it could
/// lead to a host that nobody named. Thread-safe.
/// </summary>
/// <remarks>GDAL itself follows redirects: a named host is trusted not to answer a raster's HEAD plainly and its GET with a redirect.</remarks>
internal sealed class RemoteFiles(SceneOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Lazy<HttpClient> Shared = new(() =>
    {
        // A host that falls silent must not hold a scene for ever; what the operator set for GDAL stays.
        foreach (var (key, value) in new[] { ("GDAL_HTTP_CONNECTTIMEOUT", "10"), ("GDAL_HTTP_LOW_SPEED_TIME", "30"), ("GDAL_HTTP_LOW_SPEED_LIMIT", "1000") })
        {
            if (GdalLibrary.GetOption(key) is null)
                GdalLibrary.SetOption(key, value);
        }

        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10), UseCookies = false }) { Timeout = Patience };
    });

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

    /// <summary>A JSON document whole.</summary>
    /// <exception cref="RefusedInputException">It cannot be had, or is too large.</exception>
    public byte[] Read(Uri address, int maxBytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Allowed(address.AbsoluteUri, address.AbsoluteUri));
        using var answer = Send(request);
        if (answer.Content.Headers.ContentLength > maxBytes)
            throw new RefusedInputException($"{address} has {answer.Content.Headers.ContentLength} bytes; a STAC document has at most {maxBytes}.");
        try
        {
            using var stream = answer.Content.ReadAsStream();
            using var all = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (all.Length + read > maxBytes)
                    throw new RefusedInputException($"{address} has more than {maxBytes} bytes, as no STAC document has.");
                all.Write(buffer, 0, read);
            }

            return all.ToArray();
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException or OperationCanceledException)
        {
            throw new RefusedInputException($"{address} broke off while it was read: {problem.Message}", problem);
        }
    }

    /// <summary>What GDAL opens for an address that answers plainly.</summary>
    /// <exception cref="RefusedInputException">It does not.</exception>
    public string ForGdal(Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Allowed(address.AbsoluteUri, address.AbsoluteUri));
        using var answer = Send(request);
        return ClosedRaster.At(address);
    }

    private static HttpResponseMessage Send(HttpRequestMessage request)
    {
        HttpResponseMessage answer;
        try
        {
            answer = Shared.Value.Send(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
        {
            throw new RefusedInputException($"{request.RequestUri} cannot be read: {problem.Message}", problem);
        }

        if (answer.StatusCode == HttpStatusCode.OK)
            return answer;
        using (answer)
        {
            throw new RefusedInputException((int)answer.StatusCode is >= 300 and < 400
                ? $"{request.RequestUri} sends elsewhere ({(int)answer.StatusCode}), which is not followed; give the address it leads to."
                : $"{request.RequestUri} cannot be read: the host answers {(int)answer.StatusCode}; check the address.");
        }
    }
}
