using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>The files of one product: a folder's, or those inside a ZIP or TAR archive. Names are relative, with /. Nothing outside of it can be named.</summary>
internal abstract class ProductFiles
{
    public const int MaxFiles = 20_000;

    /// <summary>Bytes of a metadata file.</summary>
    public const int MaxMetadataBytes = 16 * 1024 * 1024;

    /// <summary>How sentences call it.</summary>
    public abstract string Place { get; }

    /// <summary>Name of the product: the folder's, or the archive's without its ending.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>What GDAL opens (<see cref="Gdal.ClosedRaster"/>).</summary>
    public abstract string PathOf(string name);

    /// <summary>The file on the disk that holds it.</summary>
    public abstract string FileOf(string name);

    /// <summary>A metadata file whole.</summary>
    /// <exception cref="RefusedInputException">Too large, or it cannot be unpacked.</exception>
    public abstract byte[] Read(string name, int maxBytes = MaxMetadataBytes);

    /// <summary>How a sentence calls one of the files.</summary>
    public string Show(string name) => $"{Place}: {DeviceTopic.Show(name)}";

    public static string LastPart(string name) => name[(name.LastIndexOf('/') + 1)..];

    public static string FolderOf(string name) => name.LastIndexOf('/') is >= 0 and var slash ? name[..slash] : "";

    /// <summary>Name without folder and ending.</summary>
    public static string StemOf(string name) => Path.GetFileNameWithoutExtension(LastPart(name));

    protected RefusedInputException TooLarge(string name, long bytes, int maxBytes) =>
        new(bytes < 0
            ? $"{Show(name)} has more than {maxBytes} bytes, as no product's metadata has; get the product again."
            : $"{Show(name)} has {bytes} bytes; a product's metadata has at most {maxBytes}. Get the product again.");

    protected RefusedInputException TooMany() => new($"{Place} holds more than {MaxFiles} files; a product has fewer. Give the product's own folder or archive.");

    /// <summary>A stream to its end, but no further than the limit.</summary>
    protected byte[] ReadAll(Stream stream, string name, int maxBytes)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (all.Length + read > maxBytes)
                throw TooLarge(name, -1, maxBytes);
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
