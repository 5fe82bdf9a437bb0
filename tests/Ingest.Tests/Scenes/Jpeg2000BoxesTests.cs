using System.Buffers.Binary;
using System.Text;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>ISO/IEC 15444-1, annex I.4: LBox is the length of a box with its header; 1: XLBox gives it; 0: to the end of the file.</summary>
public sealed class Jpeg2000BoxesTests
{
    private static readonly byte[] Signature = Box("jP  ", [0x0D, 0x0A, 0x87, 0x0A]);

    public static TheoryData<string, byte[]> Sound() => new()
    {
        { "boxes in boxes", [.. Box("jp2h", [.. Box("ihdr", new byte[14]), .. Box("res ", Box("resc", new byte[10]))]), .. Box("jp2c", new byte[9])] },
        { "the last to the end of the file", [.. Header("jp2c", 0), 1, 2, 3] },
        { "a long length", [.. Header("jp2c", 1), .. Long(20), 1, 2, 3, 4, .. Box("uuid", new byte[20])] },
        { "cut off", [.. Header("jp2c", 5000), 1, 2, 3] },
        { "an empty holder", Box("asoc", []) },
        { "some bytes too many", [.. Box("jp2c", new byte[3]), 0, 0, 0] },
    };

    public static TheoryData<string, byte[]> Unsound() => new()
    {
        { "no length inside another", Box("asoc", Header("lbl ", 0)) },
        { "no length deep inside", Box("asoc", Box("asoc", Box("asoc", [.. Box("lbl ", [65]), .. Header("xml ", 0)]))) },
        { "shorter than its header", Header("xml ", 5) },
        { "longer than its holder", [.. Box("asoc", Header("lbl ", 90)), .. new byte[200]] },
        { "a long length shorter than its header", [.. Header("xml ", 1), .. Long(15), .. new byte[40]] },
        { "a long length below zero", [.. Box("asoc", [.. Header("xml ", 1), .. Long(ulong.MaxValue - 7)]), .. new byte[40]] },
    };

    [Theory]
    [MemberData(nameof(Sound))]
    public void Boxes_ThatLieInWhatHoldsThem_AreLeftToGdal(string name, byte[] boxes)
    {
        Should.NotThrow(() => Check([.. Signature, .. boxes]), name);
        Should.NotThrow(() => Check(boxes), "no JP2 at all");
    }

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Boxes_ThatWouldBeWalkedForEver_AreRefusedInOneSentence(string name, byte[] boxes) =>
        Should.Throw<RefusedInputException>(() => Check([.. Signature, .. boxes]), name).Message.ShouldMatch(@"x\.jp2 is damaged: its JPEG 2000 box at byte \d+ states \d+ bytes, and between \d+ and \d+ fit there; deliver it again\.$");

    [Fact]
    public void Boxes_WithoutNumber_AreRefused() =>
        Should.Throw<RefusedInputException>(() => Check([.. Signature, .. Enumerable.Range(0, 5000).SelectMany(_ => Box("free", []))])).Message.ShouldContain("more than 4096 boxes");

    private static void Check(byte[] bytes)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["x.jp2"], bytes);
        Jpeg2000Boxes.Check(folder["x.jp2"]);
    }

    private static byte[] Box(string kind, byte[] inside) => [.. Header(kind, (uint)(inside.Length + 8)), .. inside];

    private static byte[] Header(string kind, uint length)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        Encoding.ASCII.GetBytes(kind, header.AsSpan(4));
        return header;
    }

    private static byte[] Long(ulong length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, length);
        return bytes;
    }
}
