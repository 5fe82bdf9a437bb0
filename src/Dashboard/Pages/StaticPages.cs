using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Monitoring.Dashboard.Api;

namespace Monitoring.Dashboard.Pages;

/// <summary>The built pages: hashed assets for ever, everything else asked for again; unknown paths get the page, which finds its own way.</summary>
internal static class StaticPages
{
    private const string Index = "index.html";

    public static void UsePages(this WebApplication app, DashboardOptions options)
    {
        if (!Directory.Exists(options.WebRoot))
        {
            return;
        }

        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".pbf"] = "application/x-protobuf";
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(options.WebRoot),
            ContentTypeProvider = types,
            OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }

    public static void MapPages(this WebApplication app, DashboardOptions options) =>
        app.MapMethods("/{*path}", [HttpMethods.Get, HttpMethods.Head], async context =>
        {
            var page = Path.Combine(options.WebRoot, Index);
            var path = context.Request.Path;
            if (path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
                || path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
                || Path.HasExtension(path.Value))
            {
                await Problems.NotFound($"There is nothing at {path}.").ExecuteAsync(context);
            }
            else if (!File.Exists(page))
            {
                await Problems.NotFound("The pages are not built; build the solution, or set the folder of the built pages.").ExecuteAsync(context);
            }
            else
            {
                context.Response.ContentType = "text/html; charset=utf-8";
                context.Response.Headers.CacheControl = "no-cache";
                await context.Response.SendFileAsync(page, context.RequestAborted);
            }
        }).AllowAnonymous().ExcludeFromDescription().WithOrder(int.MaxValue);
}
