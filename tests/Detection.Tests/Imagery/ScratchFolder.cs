namespace Monitoring.Detection.Tests.Imagery;

/// <summary>A folder of its own, gone afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("monitoring-imagery-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
