using System.Data.Common;

namespace Monitoring.Domain.Audit;

/// <summary>
/// Chains an act in the transaction that makes it, for writers with a connection of their own to the file that holds the trail: the entry
/// stands or falls with the act. Thread-safe.
/// </summary>
public interface IAuditWithin
{
    /// <param name="transaction">An open write transaction on the file that holds the trail.</param>
    /// <exception cref="ArgumentException">The transaction is over, or of another kind of store.</exception>
    void Append(DbTransaction transaction, AuditEntry entry);
}
