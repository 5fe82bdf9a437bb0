using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.Sqlite;

/// <summary>
/// The file <c>registers.sqlite</c>: one writer at a time, many readers beside it (WAL, synchronous=FULL: a transaction that returned
/// survives a power failure). Thread-safe.
/// </summary>
public sealed class RegisterDatabase : IDisposable
{
    private readonly string _path;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading;
    private readonly string _readString;
    private readonly SqliteConnection _writer;

    private RegisterDatabase(string path, SqliteConnection writer, int readers)
    {
        _path = path;
        _writer = writer;
        _reading = new SemaphoreSlim(readers, readers);
        _readString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = true, DefaultTimeout = 30 }.ToString();
    }

    /// <summary>Opens or makes the file and brings its tables up to this program's version.</summary>
    /// <param name="readers">Reads that may run at once, 1 to 64.</param>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or a newer program wrote it.</exception>
    public static RegisterDatabase Open(string path, TimeProvider time, ILogger logger, int readers = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(readers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(readers, 64);
        SqliteConnection? writer = null;
        try
        {
            MakePrivate(path);
            writer = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, ForeignKeys = true, DefaultTimeout = 30,
            }.ToString());
            writer.Open();
            var mode = writer.ExecuteScalar<string>("PRAGMA journal_mode = WAL");
            if (mode != "wal")
            {
                throw new StoreUnavailableException($"The register {path} cannot use a write-ahead log here (journal mode {mode}): put the data directory on a local disk.");
            }

            writer.Execute("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000; PRAGMA temp_store = MEMORY;");
            Migrations.Apply(writer, path, time, logger);
            return new RegisterDatabase(path, writer, readers);
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            writer?.Dispose();
            throw new StoreUnavailableException(SqliteFailure.Sentence(path, "opened", failure), failure);
        }
        catch (StoreUnavailableException)
        {
            writer?.Dispose();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in one transaction; returns after its durable commit. A thrown exception takes all back.</summary>
    /// <exception cref="StoreUnavailableException">The disk or the file refused.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Write(work), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Runs <paramref name="read"/> on a snapshot of what is committed; never waits for the writer.</summary>
    /// <exception cref="StoreUnavailableException">The disk or the file refused.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(read), cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose()
    {
        using (var pooled = new SqliteConnection(_readString))
        {
            SqliteConnection.ClearPool(pooled);
        }

        _writer.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }

    private T Write<T>(Func<SqliteConnection, SqliteTransaction, T> work)
    {
        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var answer = work(_writer, transaction);
            transaction.Commit();
            return answer;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode != SqliteFailure.Constraint)
        {
            throw new StoreUnavailableException(SqliteFailure.Sentence(_path, "written", failure), failure);
        }
    }

    private T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            using var connection = new SqliteConnection(_readString);
            connection.Open();
            connection.Execute("PRAGMA query_only = 1");
            using var snapshot = connection.BeginTransaction(deferred: true);
            return read(connection);
        }
        catch (SqliteException failure)
        {
            throw new StoreUnavailableException(SqliteFailure.Sentence(_path, "read", failure), failure);
        }
    }

    /// <summary>SQLite gives its log files the mode of the database file.</summary>
    private static void MakePrivate(string path)
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }
}
