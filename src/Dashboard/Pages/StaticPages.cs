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
        app.MapFallback(async context =>
        {
            var page = Path.Combine(options.WebRoot, Index);
            var own = context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
                || context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);
            if (own || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            {
                await Problems.NotFound($"There is nothing at {context.Request.Path}.").ExecuteAsync(context);
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
        }).AllowAnonymous();
}
