using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Monitoring.Dashboard.People;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// What one person may cost: requests a second and at a time on the interface, uploads at a time, one conflict check; and for all together the checks and the verifications
/// whose photos are in memory. Who is not signed in counts by address.
/// </summary>
internal sealed class CostLimits : IDisposable
{
    /// <summary>Policy of requests with large bodies.</summary>
    public const string Uploads = "uploads";

    /// <summary>Policy of conflict checks.</summary>
    public const string Checks = "checks";

    /// <summary>Policy of requests that try a password.</summary>
    public const string SignIn = "sign-in";

    private const int ChecksWaiting = 2;

    /// <summary>Each works a processor for seconds.</summary>
    private const int ChecksAtOnce = 2;
    private const int UploadsAtOnce = 2;
    private const int UploadsWaiting = 4;

    /// <summary>Each holds up to 100 MB.</summary>
    private const int VerificationsInMemory = 2;

    private readonly SemaphoreSlim checkPlaces = new(ChecksAtOnce, ChecksAtOnce);
    private readonly SemaphoreSlim photoPlaces = new(VerificationsInMemory, VerificationsInMemory);

    public static void Configure(RateLimiterOptions limiter, DashboardOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static async (rejected, cancellationToken) =>
        {
            var context = rejected.HttpContext;
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : TimeSpan.FromSeconds(1);
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            var signsIn = context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == SignIn;
            await Problems.Of(
                StatusCodes.Status429TooManyRequests,
                signsIn ? "Too many attempts to sign in from this address; wait a minute." : "Too many requests at once; try again in a moment.").ExecuteAsync(context);
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context => !IsApi(context)
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetTokenBucketLimiter(WhoOf(context), _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = options.RequestBurst, TokensPerPeriod = options.RequestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
                })),
            PartitionedRateLimiter.Create<HttpContext, string>(context => !IsApi(context)
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetConcurrencyLimiter(WhoOf(context), _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = options.RequestsAtOnce, QueueLimit = options.RequestBurst, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                })));
        limiter.AddPolicy(SignIn, context => RateLimitPartition.GetFixedWindowLimiter(
            Addresses.KeyOf(context.Connection.RemoteIpAddress),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = options.SignInsPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
        limiter.AddPolicy(Checks, static context => RateLimitPartition.GetConcurrencyLimiter(
            WhoOf(context),
            static _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = ChecksWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));
        limiter.AddPolicy(Uploads, static context => RateLimitPartition.GetConcurrencyLimiter(
            WhoOf(context),
            static _ => new ConcurrencyLimiterOptions { PermitLimit = UploadsAtOnce, QueueLimit = UploadsWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));
    }

    /// <summary>A place to work a conflict check in; dispose it to give it back.</summary>
    public async Task<IDisposable> TakeCheckPlaceAsync(CancellationToken cancellationToken)
    {
        await checkPlaces.WaitAsync(cancellationToken);
        return new Place(checkPlaces);
    }

    /// <summary>A place in memory for a verification's photos; dispose it to give it back.</summary>
    public async Task<IDisposable> TakePhotoPlaceAsync(CancellationToken cancellationToken)
    {
        await photoPlaces.WaitAsync(cancellationToken);
        return new Place(photoPlaces);
    }

    public void Dispose()
    {
        checkPlaces.Dispose();
        photoPlaces.Dispose();
    }

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    private static string WhoOf(HttpContext context) =>
        context.User.Identity?.IsAuthenticated is true ? $"person {context.User.NameOf()}" : $"address {Addresses.KeyOf(context.Connection.RemoteIpAddress)}";

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
