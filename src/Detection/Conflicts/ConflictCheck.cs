using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;

namespace Monitoring.Detection.Conflicts;

/// <inheritdoc cref="IConflictCheck"/>
public sealed class ConflictCheck(PlanIndexSource source, ConflictEngine engine) : IConflictCheck
{
    public async Task<ConflictReport> CheckAsync(ConflictQuestion question, CancellationToken cancellationToken)
    {
        var index = await source.CurrentAsync(cancellationToken);
        return await Task.Run(() => engine.Check(question, index, cancellationToken), cancellationToken);
    }
}
