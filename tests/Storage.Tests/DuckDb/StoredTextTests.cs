using CsCheck;
using Monitoring.Storage.DuckDb;

namespace Monitoring.Storage.Tests.DuckDb;

public sealed class StoredTextTests
{
    [Fact]
    public void Encode_AnyText_HasNoNulAndComesBack() =>
        Gen.String[Gen.OneOf(Gen.Char['\0', '\u0002'], Gen.Char['0', '1'], Gen.Char['\\', '\\'], Gen.Char['一', '龥']), 0, 12].Sample(
            text =>
            {
                var stored = StoredText.Encode(text);
                stored.ShouldNotContain('\0');
                StoredText.Decode(stored).ShouldBe(text);
            },
            seed: "0000000000d4");

    [Fact]
    public void Encode_LoneSurrogate_BecomesTheReplacementCharacter() => StoredText.Encode("a\ud800b\ud83d\ude00").ShouldBe("a\ufffdb\ud83d\ude00");

    [Fact]
    public void Print_LoneSurrogate_IsThatOfWhatIsStored() =>
        ResultPrint.Of(null, "a\ud800").ShouldBe(ResultPrint.Of(null, StoredText.Decode(StoredText.Encode("a\ud800"))));
}
