using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Monitoring.Dashboard.Tests.Setting;

/// <summary>Keeps the exceptions that are logged.</summary>
public sealed class KeptLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<Exception> Faults { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null && logLevel >= LogLevel.Warning)
        {
            Faults.Enqueue(exception);
        }
    }

    public void Dispose()
    {
    }
}
