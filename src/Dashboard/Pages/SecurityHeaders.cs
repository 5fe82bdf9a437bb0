using Microsoft.AspNetCore.Http;

namespace Monitoring.Dashboard.Pages;

/// <summary>Headers on every answer. No inline scripts; workers from blobs, because the map library makes its worker so.</summary>
internal sealed class SecurityHeaders
{
    private readonly string policy;

    public SecurityHeaders(DashboardOptions options)
    {
        var outside = options.BaseMap is { } map && Uri.TryCreate(map.UrlTemplate.Replace("{s}", "a", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            ? " " + uri.GetLeftPart(UriPartial.Authority)
            : "";
        policy = string.Join("; ",
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            $"img-src 'self' data: blob:{outside}",
            $"connect-src 'self'{outside}",
            "worker-src 'self' blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'");
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // At the start of the answer, because an error throws away the headers that were set before it.
        context.Response.OnStarting(Set, context);
        return next(context);
    }

    private Task Set(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()";
        return Task.CompletedTask;
    }
}
