using Microsoft.Extensions.DependencyInjection;
using Monitoring.Storage;

namespace Monitoring.Crash;

/// <summary>The embedded stores of a data directory that no service holds.</summary>
internal sealed class OpenStores : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    private OpenStores(ServiceProvider provider) => this.provider = provider;

    public IServiceProvider Services => provider;

    public static OpenStores In(string data) =>
        new(new ServiceCollection().AddLogging().AddStorage(new StorageOptions { DataDirectory = data }).BuildServiceProvider());

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
