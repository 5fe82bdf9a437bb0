using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IAlertStore"/>
public sealed partial class SqliteAlertStore(RegisterDatabase database, IEventBus bus) : IAlertStore
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A photo is too large or does not have the hash it claims.</exception>
    /// <exception cref="InvalidOperationException">
    /// A second alert of a fingerprint would be open beside the first, or a seen alert does not stand at the sequence it names.
    /// </exception>
    public async Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Check(batch.Photos);
        var (changes, decided) = await database.WriteAsync((connection, transaction) => Commit(connection, transaction, batch), cancellationToken);
        if (changes.Count > 0)
        {
            bus.Publish(new AlertChanged(changes[^1].Sequence));
        }

        foreach (var caseId in decided)
        {
            bus.Publish(new CaseDecided(caseId));
        }

        bus.PublishCursor(batch.Cursor);

        return changes;
    }

    private static (List<AlertChange> Changes, List<string> Decided) Commit(SqliteConnection connection, SqliteTransaction transaction, AlertBatch batch)
    {
        var sequence = Sql.Next(connection, transaction, "alert_changes");
        var changes = new List<AlertChange>(batch.Changes.Count);
        foreach (var change in batch.Changes)
        {
            var stored = change with { Sequence = sequence, Alert = change.Alert with { Sequence = sequence } };
            Insert(connection, transaction, stored);
            changes.Add(stored);
            sequence++;
        }

        foreach (var alert in batch.Seen)
        {
            Replace(connection, transaction, alert);
        }

        foreach (var photo in batch.Photos)
        {
            connection.Execute(
                "INSERT INTO photos (sha256, media_type, bytes) VALUES (@Sha256, @MediaType, @bytes) ON CONFLICT (sha256) DO NOTHING",
                new { photo.Sha256, photo.MediaType, bytes = photo.Bytes.ToArray() },
                transaction);
        }

        var decided = new List<string>();
        foreach (var item in batch.Cases)
        {
            if (Upsert(connection, transaction, item))
            {
                decided.Add(item.Id);
            }
        }

        foreach (var entry in batch.Audit)
        {
            Sql.Audit(connection, transaction, entry);
        }

        Sql.Advance(connection, transaction, batch.Cursor);
        return (changes, decided);
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, AlertChange change)
    {
        var alert = change.Alert;
        var body = RegisterJson.Write(alert);
        connection.Execute(
            "INSERT INTO alert_changes (sequence, alert_id, kind, at, actor, note, alert) VALUES (@Sequence, @Id, @kind, @at, @Actor, @Note, @body)",
            new { change.Sequence, alert.Id, kind = RegisterJson.Name(change.Kind), at = Sql.Time(change.At), change.Actor, change.Note, body },
            transaction);
        Guard(alert, () => connection.Execute(
            """
            INSERT INTO alerts (id, fingerprint, rule_id, subject_kind, subject_id, state, region_code, sequence, finding_id, body, min_x, max_x, min_y, max_y)
            VALUES (@Id, @Fingerprint, @RuleId, @kind, @subject, @state, @RegionCode, @Sequence, @FindingId, @body, @minX, @maxX, @minY, @maxY)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, region_code = excluded.region_code, sequence = excluded.sequence,
                finding_id = excluded.finding_id, body = excluded.body, min_x = excluded.min_x, max_x = excluded.max_x, min_y = excluded.min_y, max_y = excluded.max_y
            """,
            Row(alert, body),
            transaction));
    }

    /// <summary>Brings the newest state of an alert up to date without a change that anybody is told of.</summary>
    private static void Replace(SqliteConnection connection, SqliteTransaction transaction, Alert alert)
    {
        // The sequence must be the one of its newest change: bookkeeping that was worked out from an older state would undo a change.
        var rows = Guard(alert, () => connection.Execute(
            """
            UPDATE alerts SET state = @state, region_code = @RegionCode, finding_id = @FindingId, body = @body, min_x = @minX, max_x = @maxX, min_y = @minY, max_y = @maxY
            WHERE id = @Id AND sequence = @Sequence
            """,
            Row(alert, RegisterJson.Write(alert)),
            transaction));
        if (rows == 0)
        {
            throw new InvalidOperationException($"Alert {alert.Id} does not stand at change {alert.Sequence}: read it again.");
        }
    }

    private static object Row(Alert alert, string body) => new
    {
        alert.Id, alert.Fingerprint, alert.RuleId, kind = RegisterJson.Name(alert.Subject.Kind), subject = alert.Subject.Id,
        state = RegisterJson.Name(alert.State), alert.RegionCode, alert.Sequence, alert.FindingId, body,
        minX = alert.Where?.Box.MinX, maxX = alert.Where?.Box.MaxX, minY = alert.Where?.Box.MinY, maxY = alert.Where?.Box.MaxY,
    };

    private static int Guard(Alert alert, Func<int> write)
    {
        try
        {
            return write();
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == SqliteFailure.Constraint)
        {
            throw new InvalidOperationException($"Alert {alert.Id} cannot be open: another alert of the same rule and subject is.", failure);
        }
    }

    /// <summary>True when the case got its outcome by this.</summary>
    private static bool Upsert(SqliteConnection connection, SqliteTransaction transaction, Case item)
    {
        var state = RegisterJson.Name(item.State);
        var earlier = connection.QuerySingleOrDefault<string>("SELECT state FROM cases WHERE id = @Id", item, transaction);
        connection.Execute(
            """
            INSERT INTO cases (id, alert_id, site_id, region_code, state, opened_at, decided_at, body)
            VALUES (@Id, @AlertId, @SiteId, @RegionCode, @state, @opened, @decided, @body)
            ON CONFLICT (id) DO UPDATE SET alert_id = excluded.alert_id, site_id = excluded.site_id, region_code = excluded.region_code,
                state = excluded.state, opened_at = excluded.opened_at, decided_at = excluded.decided_at, body = excluded.body
            """,
            new
            {
                item.Id, item.AlertId, item.SiteId, item.RegionCode, state, opened = Sql.Time(item.OpenedAt),
                decided = item.DecidedAt is { } at ? Sql.Time(at) : null, body = RegisterJson.Write(item),
            },
            transaction);
        return item.State is CaseState.Judged && earlier != state;
    }

    private static void Check(IReadOnlyList<EvidencePhoto> photos)
    {
        foreach (var photo in photos)
        {
            if (photo.Bytes.Length > EvidencePhoto.MaxBytes)
            {
                throw new ArgumentException($"Photo {photo.Sha256} has {photo.Bytes.Length} bytes; at most {EvidencePhoto.MaxBytes} are kept.", nameof(photos));
            }

            if (Convert.ToHexStringLower(SHA256.HashData(photo.Bytes.Span)) != photo.Sha256)
            {
                throw new ArgumentException($"Photo {photo.Sha256} does not have that hash.", nameof(photos));
            }
        }
    }
}
