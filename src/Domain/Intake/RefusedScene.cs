namespace Monitoring.Domain.Intake;

/// <summary>Scenes that the inbox did not take. Thread-safe.</summary>
public interface IRefusedScenes
{
    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    IReadOnlyList<RefusedScene> Newest(int limit);
}

/// <param name="Name">Name of the file or folder as it was delivered; numbered where several had the same.</param>
/// <param name="RefusedAt">When the reason was written.</param>
/// <param name="Reason">One sentence: what, where, how to mend.</param>
public sealed record RefusedScene(string Name, DateTimeOffset RefusedAt, string Reason);
