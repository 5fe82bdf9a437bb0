using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Monitoring.Dashboard.People;

namespace Monitoring.Dashboard.Tests.Setting;

/// <summary>A hasher that, once armed, stops in the middle of an act until the client of the request has hung up.</summary>
public sealed class HangUpHasher(IHttpContextAccessor requests) : IPasswordHasher<Person>
{
    private readonly PasswordHasher<Person> real = new();
    private volatile bool armed;

    /// <summary>An act is under way.</summary>
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The service is done with the request.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Arm() => armed = true;

    public string HashPassword(Person user, string password)
    {
        Wait();
        return real.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(Person user, string hashedPassword, string providedPassword)
    {
        Wait();
        return real.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }

    private void Wait()
    {
        if (armed && requests.HttpContext is { } context)
        {
            armed = false;
            context.Response.OnCompleted(() =>
            {
                Ended.TrySetResult();
                return Task.CompletedTask;
            });
            Begun.TrySetResult();
            context.RequestAborted.WaitHandle.WaitOne();
        }
    }
}
