using CsCheck;
using Monitoring.Detection.Imagery.Patches;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class MaskClosingTests
{
    [Fact]
    public void Row_AnyMaskAndRadius_AgreesWithTheDefinition() =>
        Gen.Select(Gen.Int[1, 150], Gen.Int[1, 15], Gen.Int[0, 4], Gen.Int[0, 3].Array[2250]).Sample((width, height, radius, values) =>
        {
            bool In(int x, int y) => x >= 0 && y >= 0 && x < width && y < height;
            bool Set(int x, int y) => values[(y * width) + x] == 0;
            bool Near(int x, int y, Func<int, int, bool> test, bool any)
            {
                for (var v = y - radius; v <= y + radius; v++)
                {
                    for (var u = x - radius; u <= x + radius; u++)
                    {
                        if (In(u, v) && test(u, v) == any)
                        {
                            return any;
                        }
                    }
                }

                return !any;
            }

            var closing = new MaskClosing(width, height, radius, (y, row) =>
            {
                for (var x = 0; x < width; x++)
                {
                    if (Set(x, y))
                    {
                        MaskClosing.Fill(row, x, x + 1);
                    }
                }
            });
            for (var y = 0; y < height; y++)
            {
                var row = new ulong[MaskClosing.WordsOf(width)];
                var any = closing.Row(y, row);
                for (var x = 0; x < width; x++)
                {
                    var expected = Near(x, y, (u, v) => Near(u, v, Set, any: true), any: false);
                    if (((row[x / 64] >> (x % 64)) & 1) != (expected ? 1u : 0u))
                    {
                        return false;
                    }
                }

                if (any != row.Any(w => w != 0) || (width % 64 != 0 && row[^1] >> (width % 64) != 0))
                {
                    return false;
                }
            }

            return true;
        }, seed: "0000KIzLV9Y1");

    [Fact]
    public void Fill_AnySpan_SetsItsBitsOnly() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200]).Where((a, b) => a < b).Sample((from, to) =>
        {
            var row = new ulong[MaskClosing.WordsOf(201)];
            MaskClosing.Fill(row, from, to);
            return Enumerable.Range(0, 201).All(x => ((row[x / 64] >> (x % 64)) & 1) == (x >= from && x < to ? 1u : 0u));
        }, seed: "0000KIzLV9Y1");

    [Fact]
    public void Row_OutOfOrder_SaysWhichIsNext() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new MaskClosing(3, 3, 1, (_, _) => { }).Row(1, new ulong[1])).Message.ShouldContain("the next is 0");
}
