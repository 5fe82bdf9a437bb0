using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>Pixels of a scene on its own grid that somebody has read already.</summary>
internal interface ISampleAtHand
{
    /// <summary>Gives one band of a window as <see cref="GridReader.Read"/> gives a band alone.</summary>
    /// <param name="band">Index into the scene's bands.</param>
    /// <param name="values">Decoded; [row][column].</param>
    /// <param name="quality">One per pixel.</param>
    /// <returns>False when the window or the band is not at hand; nothing is written then.</returns>
    bool Read(int band, PixelWindow window, Span<float> values, Span<PixelQuality> quality);
}
