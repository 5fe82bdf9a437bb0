using CsCheck;
using Monitoring.Detection.Imagery.Patches;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class MaskClosingTests
{
    [Fact]
    public void Row_AnyMaskAndRadius_AgreesWithTheDefinition() =>
        Gen.Select(Gen.Int[1, 15], Gen.Int[1, 15], Gen.Int[0, 4], Gen.Int[0, 3].Array[225]).Sample((width, height, radius, values) =>
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
                    row[x] = Set(x, y) ? (byte)1 : (byte)0;
                }
            });
            for (var pass = 0; pass < 2; pass++)
            {
                for (var y = 0; y < height; y++)
                {
                    var row = new byte[width];
                    closing.Row(y, row);
                    for (var x = 0; x < width; x++)
                    {
                        var expected = Near(x, y, (u, v) => Near(u, v, Set, any: true), any: false);
                        if (row[x] != 0 != expected)
                        {
                            return false;
                        }
                    }
                }
            }

            return true;
        }, seed: "0000KIzLV9Y1");

    [Fact]
    public void Row_OutOfOrder_SaysWhichIsNext() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new MaskClosing(3, 3, 1, (_, row) => row.Clear()).Row(1, new byte[3])).Message.ShouldContain("the next is 0");
}
