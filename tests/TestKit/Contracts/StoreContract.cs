using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>Base of the contract suites: a fresh harness for each test.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private StoreHarness? _harness;

    protected StoreHarness Stores => _harness ?? throw new InvalidOperationException("The harness opens before the test runs.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _harness = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_harness is not null)
        {
            await _harness.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Stores on an empty place.</summary>
    protected abstract Task<StoreHarness> OpenAsync();
}
