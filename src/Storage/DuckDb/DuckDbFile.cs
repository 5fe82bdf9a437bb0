using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Data;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>
/// The one database file: a connection for the committer, a bounded pool for readers, and closing everything to open it again after a
/// failure (DuckDB gives up a database whose write-ahead log failed until all connections are closed).
/// </summary>
/// <remarks>Thread rule: <see cref="Open"/>, <see cref="Close"/> and <see cref="Writer"/> belong to the committer; <see cref="ReadAsync"/> is for everybody.</remarks>
internal sealed class DuckDbFile : IDisposable
{
    private readonly string _connectionString;
    private readonly int _readers;
    private readonly SemaphoreSlim _permits;
    private readonly ConcurrentBag<DuckDBConnection> _idle = [];
    private DuckDBConnection? _writer;
    private volatile bool _open;

    public DuckDbFile(string path, ObservationStoreOptions options)
    {
        Path = path;
        _readers = options.Readers;
        _permits = new SemaphoreSlim(_readers, _readers);
        _connectionString = string.Create(
            CultureInfo.InvariantCulture,
            $"DataSource={path};memory_limit={options.MemoryLimitMiB}MiB;threads={options.Threads};checkpoint_threshold={options.CheckpointMiB}MiB;temp_directory={path}.tmp;preserve_insertion_order=true");
    }

    public string Path { get; }

    public bool IsOpen => _open;

    /// <summary>The committer's connection.</summary>
    public DuckDBConnection Writer => _writer ?? throw new StoreUnavailableException($"The observation store {Path} is closed.");

    /// <summary>Opens the file; the log of an earlier run is replayed here.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened: the message says why and how to mend it.</exception>
    public void Open()
    {
        var connection = new DuckDBConnection(_connectionString);
        try
        {
            connection.Open();
            ObservationSchema.Prepare(connection, Path);
            Restrict();
        }
        catch (Exception failure) when (failure is DuckDBException or IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            throw new StoreUnavailableException(DuckDbFailure.Sentence(Path, "opened", failure), failure);
        }
        catch (StoreUnavailableException)
        {
            connection.Dispose();
            throw;
        }

        _writer = connection;
        _open = true;
    }

    /// <summary>Waits for running reads to end and closes all connections.</summary>
    public void Close()
    {
        _open = false;
        for (var i = 0; i < _readers; i++)
        {
            _permits.Wait();
        }

        try
        {
            while (_idle.TryTake(out var connection))
            {
                connection.Dispose();
            }

            _writer?.Dispose();
            _writer = null;
        }
        finally
        {
            _permits.Release(_readers);
        }
    }

    /// <summary>Runs a read on a connection of its own, off the caller's thread; it never waits for a commit.</summary>
    /// <exception cref="StoreUnavailableException">The store is closed or the read failed.</exception>
    public async Task<T> ReadAsync<T>(Func<DuckDBConnection, T> read, CancellationToken cancellationToken)
    {
        await _permits.WaitAsync(cancellationToken);
        try
        {
            if (!_open)
            {
                throw new StoreUnavailableException($"The observation store {Path} is closed after a failure; it opens again with the next message.");
            }

            return await Task.Run(() => Read(read), cancellationToken);
        }
        finally
        {
            _permits.Release();
        }
    }

    public void Dispose()
    {
        Close();
        _permits.Dispose();
    }

    private T Read<T>(Func<DuckDBConnection, T> read)
    {
        if (!_idle.TryTake(out var connection))
        {
            connection = new DuckDBConnection(_connectionString);
        }

        var sound = false;
        try
        {
            if (connection.State != System.Data.ConnectionState.Open)
            {
                connection.Open();
            }

            var answer = read(connection);
            sound = true;
            return answer;
        }
        catch (DuckDBException failure)
        {
            throw new StoreUnavailableException(DuckDbFailure.Sentence(Path, "read", failure), failure);
        }
        finally
        {
            if (sound)
            {
                _idle.Add(connection);
            }
            else
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>The file holds what devices said; only the owner may read it.</summary>
    private void Restrict()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
