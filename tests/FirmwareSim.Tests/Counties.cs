using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Tests;

/// <summary>Counties that tests share; they are read only.</summary>
internal static class Counties
{
    public static readonly DateOnly Today = new(2026, 5, 1);

    private static readonly Lazy<County> LazySmall = new(() => Make(7, CountySize.Small));
    private static readonly Lazy<County> LazyLarge = new(() => Make(7, CountySize.County));

    public static County Small => LazySmall.Value;

    public static County Large => LazyLarge.Value;

    public static County Make(long seed, CountySize size) => County.Create(new CountyOptions { Seed = seed, Size = size, Today = Today });

    /// <summary>A directory that is gone after the test.</summary>
    public sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("firmware-sim-").FullName;

        public string this[string name] => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, true);
    }
}
