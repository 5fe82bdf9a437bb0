using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// Rasters of the whole scene that a pass leaves on disk: which pixels were not observed (made only when there are some), and the scores
/// when they are wanted.
/// </summary>
/// <remarks>Thread-safe while tiles are written.</remarks>
public sealed class PassLayers : IDisposable
{
    private readonly string _folder;
    private readonly int _width;
    private readonly int _height;
    private readonly Lock _lock = new();

    internal PassLayers(string folder, int width, int height, bool keepScores)
    {
        (_folder, _width, _height) = (folder, width, height);
        Scores = keepScores ? NewLayer("scores.tif") : null;
    }

    /// <summary>1 = not observed on one of the dates, clouds and shadows that were found later aside; null when every pixel was.</summary>
    public RasterLayer? Hidden { get; private set; }

    /// <summary>Score of each pixel in sixteenths (byte, 0 to 254), 255 = not observed; null when nobody wanted them.</summary>
    public RasterLayer? Scores { get; }

    internal void WriteHidden(PixelWindow window, ReadOnlySpan<byte> hidden)
    {
        lock (_lock)
        {
            Hidden ??= NewLayer("hidden.tif");
        }

        Hidden.WriteOut(window, hidden);
    }

    public void Dispose()
    {
        try
        {
            Hidden?.Dispose();
        }
        finally
        {
            Scores?.Dispose();
        }
    }

    private RasterLayer NewLayer(string name) => new(Path.Combine(_folder, name), _width, _height, PixelType.UInt8);
}
