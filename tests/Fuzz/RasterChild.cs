using System.Globalization;
using System.Runtime.CompilerServices;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Fuzz;

/// <summary>
/// The child of <see cref="RasterFuzz"/>: this same program, told by an environment variable to open damaged rasters instead of running tests. A crash of the native library
/// ends it and nothing else. The file <c>round</c> names the round before it begins.
/// </summary>
internal static class RasterChild
{
    /// <summary><c>folder|seed|first|count</c>.</summary>
    public const string Variable = "MONITORING_FUZZ_RASTERS";

    /// <summary>A round in which the child is to die, so that a test can see that this is seen.</summary>
    public const string DieVariable = "MONITORING_FUZZ_RASTERS_DIE";

    public const int Wrong = 3;

    /// <summary>More than this many bytes are not read in one go.</summary>
    private const long MaxReadBytes = 64L << 20;

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The only place before the runner's own entry point.")]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } order)
            return;
        var parts = order.Split('|');
        var (folder, seed, first, count) = (parts[0], Number(parts[1]), Number(parts[2]), Number(parts[3]));
        var dies = Environment.GetEnvironmentVariable(DieVariable) is { } text ? Number(text) : -1;
        var seeds = Directory.GetFiles(Path.Combine(folder, "seeds")).Order(StringComparer.Ordinal).Select(f => (Name: Path.GetFileName(f), Bytes: File.ReadAllBytes(f))).ToArray();
        var opened = 0;
        for (var round = first; round < first + count; round++)
        {
            File.WriteAllText(Path.Combine(folder, "round"), round.ToString(CultureInfo.InvariantCulture));
            if (round == dies)
                Environment.FailFast("told to die");
            var (name, sound) = seeds[round % seeds.Length];
            try
            {
                opened += Open(folder, name, RasterMutations.Make(sound, seed, round)) ? 1 : 0;
            }
#pragma warning disable CA1031 // Whatever gets out here is what is looked for; the parent tells it.
            catch (Exception wrong)
#pragma warning restore CA1031
            {
                File.WriteAllText(Path.Combine(folder, "wrong"), $"{name}: {wrong}");
                Environment.Exit(Wrong);
            }
        }

        var peak = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) ?? "VmHWM: 0";
        File.WriteAllText(Path.Combine(folder, "done"), string.Create(CultureInfo.InvariantCulture, $"{opened} {peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]}"));
        Environment.Exit(0);
    }

    /// <summary>Name of the file that a seed becomes: only formats of strangers' inboxes are read confined.</summary>
    private static bool Open(string folder, string seed, byte[] bytes)
    {
        var work = Path.Combine(folder, "work");
        Directory.CreateDirectory(work);
        var path = Path.Combine(work, "x_20260430" + Path.GetExtension(seed));
        File.WriteAllBytes(path, bytes);
        if (seed.EndsWith(".img", StringComparison.Ordinal))
            File.Copy(Path.Combine(folder, "beside", "x.hdr"), Path.ChangeExtension(path, ".hdr"), overwrite: true);
        if (seed.EndsWith(".hdr", StringComparison.Ordinal))
        {
            File.Copy(Path.Combine(folder, "beside", "x.img"), Path.ChangeExtension(path, ".img"), overwrite: true);
            path = Path.ChangeExtension(path, ".img");
        }

        var isOpen = seed.EndsWith(".img", StringComparison.Ordinal) || seed.EndsWith(".hdr", StringComparison.Ordinal) || seed.EndsWith(".vrt", StringComparison.Ordinal);
        var reading = new SceneReader(new SceneOptions { MaxPixelBytes = 1L << 30 }, TimeProvider.System).Read(path, new SceneReadOptions { Confined = !isOpen, Survey = true });
        if (reading.Scene is null == reading.Problem is null)
            throw new InvalidOperationException("neither scene nor sentence, or both");
        if (reading.Problem is { } problem && (!problem.EndsWith('.') || problem.Any(char.IsControl)))
            throw new InvalidOperationException($"no sentence: {problem}");
        try
        {
            using var file = isOpen ? ClosedRaster.OpenStored(path) : ClosedRaster.Open(path);
            var info = file.Describe();
            if (info.Bands.Count is > 0 and <= 64 && info.Bands.Max(b => b.BlockBytes) <= MaxReadBytes && info.PixelBytes <= MaxReadBytes)
            {
                var values = new float[64 * 64];
                foreach (var band in info.Bands)
                {
                    file.Read<float>(band.Index, file.FullWindow, Math.Min(64, file.Width), Math.Min(64, file.Height), values.AsSpan(0, Math.Min(64, file.Width) * Math.Min(64, file.Height)), Resampling.Bilinear);
                    file.ReadMask(band.Index, file.FullWindow, Math.Min(64, file.Width), Math.Min(64, file.Height), new byte[Math.Min(64, file.Width) * Math.Min(64, file.Height)]);
                }
            }
        }
        catch (GdalException)
        {
            // The expected end of a damaged file.
            return reading.Scene is not null;
        }

        return reading.Scene is not null;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
