namespace Monitoring.Gdal;

/// <summary>
/// libgdal (or the libproj it brings) could not be loaded. A fault of the installation, never of an input file:
/// the message is one sentence that names what was tried and how to mend it.
/// </summary>
public sealed class GdalMissingException : Exception
{
    internal GdalMissingException(string message) : base(message)
    {
    }
}
