using System.Buffers.Binary;
using System.Text;

namespace Monitoring.Detection.Tests.Imagery.Network;

/// <summary>
/// Writes small networks as ONNX files (IR version 8, operator set 13), field by field of onnx.proto, so that no test depends on a file
/// of unknown origin.
/// </summary>
internal static class OnnxBytes
{
    private const int Float = 1;

    /// <summary>|after − before| → 3 × 3 convolution over the three channels → sigmoid (or what <paramref name="last"/> names).</summary>
    /// <param name="weights">9 numbers, row by row, the same for each channel.</param>
    /// <param name="stacked">One input of six planes instead of two of three.</param>
    /// <param name="side">Fixed side, or null: free.</param>
    /// <param name="outputs">Planes of the output.</param>
    public static byte[] Difference(float[] weights, float bias, bool stacked, int? side = null, string last = "Sigmoid", int outputs = 1)
    {
        var kernel = Enumerable.Range(0, outputs).SelectMany(o => Enumerable.Range(0, 3).SelectMany(_ => weights.Select(w => o == outputs - 1 ? w : -w))).ToArray();
        var graph = new Proto();
        if (stacked)
        {
            // A 1 × 1 convolution subtracts plane i from plane i + 3.
            var minus = new float[18];
            for (var i = 0; i < 3; i++)
            {
                (minus[(6 * i) + i], minus[(6 * i) + i + 3]) = (-1, 1);
            }

            graph.Message(1, Node("Conv", ["x", "minus"], "d")).Message(5, Tensor("minus", [3, 6, 1, 1], minus));
        }
        else
        {
            graph.Message(1, Node("Sub", ["b", "a"], "d"));
        }

        graph.Message(1, Node("Abs", ["d"], "m"))
            .Message(1, Node("Conv", ["m", "kernel", "bias"], "z", new Proto().Text(1, "pads").Packed(8, [1, 1, 1, 1]).Number(20, 7)))
            .Message(1, Node(last, ["z"], "p"))
            .Text(2, "difference")
            .Message(5, Tensor("kernel", [outputs, 3, 3, 3], kernel))
            .Message(5, Tensor("bias", [outputs], [.. Enumerable.Repeat(bias, outputs)]));
        foreach (var (name, planes) in stacked ? [("x", 6)] : new[] { ("a", 3), ("b", 3) })
        {
            graph.Message(11, Value(name, planes, side));
        }

        graph.Message(12, Value("p", outputs, side));
        return new Proto().Number(1, 8).Text(2, "test").Message(7, graph).Message(8, new Proto().Number(2, 13)).ToArray();
    }

    private static Proto Node(string type, string[] inputs, string output, Proto? attribute = null)
    {
        var node = new Proto();
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(4, type);
        return attribute is null ? node : node.Message(5, attribute);
    }

    private static Proto Tensor(string name, long[] dims, float[] values)
    {
        var raw = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(4 * i), values[i]);
        }

        return new Proto().Packed(1, dims).Number(2, Float).Text(8, name).Bytes(9, raw);
    }

    private static Proto Value(string name, int planes, int? side)
    {
        var shape = new Proto().Message(1, Dim(1)).Message(1, Dim(planes)).Message(1, Dim(side)).Message(1, Dim(side));
        return new Proto().Text(1, name).Message(2, new Proto().Message(1, new Proto().Number(1, Float).Message(2, shape)));

        static Proto Dim(int? size) => size is { } known ? new Proto().Number(1, known) : new Proto().Text(2, "n");
    }

    /// <summary>Protocol buffers' wire format: tag = field × 8 + type; type 0 is a varint, 2 is length and bytes.</summary>
    private sealed class Proto
    {
        private readonly List<byte> _bytes = [];

        public Proto Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Proto Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public Proto Message(int field, Proto message) => Bytes(field, message.ToArray());

        public Proto Packed(int field, long[] values)
        {
            var inner = new Proto();
            foreach (var value in values)
            {
                inner.Varint((ulong)value);
            }

            return Bytes(field, inner.ToArray());
        }

        public Proto Bytes(int field, byte[] bytes)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
            return this;
        }

        public byte[] ToArray() => [.. _bytes];

        private void Varint(ulong value)
        {
            for (; value > 127; value >>= 7)
            {
                _bytes.Add((byte)(value | 128));
            }

            _bytes.Add((byte)value);
        }
    }
}
