using System.IO.Compression;
using CsCheck;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal.Tests;

/// <summary>Every decoder of tiles gives back what the framework deflated, and refuses what is damaged without writing beyond its buffer.</summary>
public sealed class InflateTests
{
    private const byte Untouched = 0xA5;
    private const int Beyond = 64;

    /// <summary>Both are installed for the tests; a program takes the first that it finds.</summary>
    public static TheoryData<string> Decoders => ["ISA-L", "libdeflate"];

    [Theory]
    [MemberData(nameof(Decoders))]
    public void TryDecode_WhatTheFrameworkDeflated_GivesItBack(string name)
    {
        using var inflate = Open(name);
        Content.Sample(
            (bytes, level) =>
            {
                var actual = Room(bytes.Length);

                inflate.TryDecode(Deflate(bytes, level), actual.AsSpan(0, bytes.Length)).ShouldBeTrue();

                actual.AsSpan(0, bytes.Length).SequenceEqual(bytes).ShouldBeTrue();
                actual[bytes.Length..].ShouldAllBe(b => b == Untouched);
            }, iter: 300, threads: 1);
    }

    /// <summary>What lies behind the stream is no part of it; what is missing, too much or changed makes it another stream.</summary>
    [Theory]
    [MemberData(nameof(Decoders))]
    public void TryDecode_OtherLength_IsRefused(string name)
    {
        using var inflate = Open(name);
        Content.Sample(
            (bytes, level) =>
            {
                var stream = Deflate(bytes, level);

                inflate.TryDecode([.. stream, 1, 2, 3, 4, 5, 6, 7, 8, 9], new byte[bytes.Length]).ShouldBeTrue();
                inflate.TryDecode(stream, new byte[bytes.Length + 1]).ShouldBeFalse();
                inflate.TryDecode(stream, new byte[bytes.Length - 1]).ShouldBeFalse();
                inflate.TryDecode(stream.AsSpan(0, stream.Length - 1), new byte[bytes.Length]).ShouldBeFalse();
                inflate.TryDecode(stream.AsSpan(0, stream.Length / 2), new byte[bytes.Length]).ShouldBeFalse();
                inflate.TryDecode([], new byte[bytes.Length]).ShouldBeFalse();
            }, iter: 100, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void TryDecode_ChangedBytes_NeverGivesOtherContent(string name)
    {
        using var inflate = Open(name);
        Gen.Select(Content, Gen.Int[1, 5], Gen.Int[0, int.MaxValue - 1]).Sample(
            (content, changes, seed) =>
            {
                var (bytes, level) = content;
                var random = new Random(seed);
                var stream = Deflate(bytes, level);
                for (var n = 0; n < changes; n++)
                {
                    stream[random.Next(stream.Length)] ^= (byte)(1 << random.Next(8));
                }

                var actual = Room(bytes.Length);

                // A change may fall on bits that mean nothing, or be undone by the next one.
                if (inflate.TryDecode(stream, actual.AsSpan(0, bytes.Length)))
                {
                    actual.AsSpan(0, bytes.Length).SequenceEqual(bytes).ShouldBeTrue();
                }

                actual[bytes.Length..].ShouldAllBe(b => b == Untouched);
            }, iter: 3000, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void TryDecode_AfterDispose_Throws(string name)
    {
        var inflate = Open(name);
        inflate.Dispose();
        Should.Throw<ObjectDisposedException>(() => inflate.TryDecode([0x78, 0x9C, 3, 0, 0, 0, 0, 1], []));
    }

    [Fact]
    public void Create_WithBoth_TakesTheFasterOne()
    {
        using var inflate = Inflate.Create();
        inflate.ShouldBeOfType<IsalInflate>();
    }

    /// <summary>From noise, which does not deflate, to runs that do; and how hard the deflater tries.</summary>
    private static readonly Gen<(byte[] Bytes, CompressionLevel Level)> Content =
        Gen.Select(Gen.Int[1, 40_000], Gen.Int[0, 8], Gen.Int[0, int.MaxValue - 1], Gen.Int[0, 3]).Select((length, bits, seed, level) =>
        {
            var random = new Random(seed);
            var bytes = new byte[length];
            random.NextBytes(bytes);
            for (var i = 0; i < length; i++)
            {
                // As differences of neighbouring numbers are: a low byte of some bits, a high byte of none or all.
                bytes[i] = i % 2 == 0 ? (byte)(bytes[i] >> (8 - bits)) : (byte)(bits < 7 ? -(bytes[i] & 1) : bytes[i]);
            }

            return (bytes, (CompressionLevel)level);
        });

    private static Inflate Open(string name) =>
        (name == "ISA-L" ? IsalInflate.TryCreate() : (Inflate?)LibdeflateInflate.TryCreate()).ShouldNotBeNull($"{name} is not installed; ./test installs it");

    private static byte[] Room(int length)
    {
        var room = new byte[length + Beyond];
        Array.Fill(room, Untouched);
        return room;
    }

    private static byte[] Deflate(byte[] bytes, CompressionLevel level)
    {
        using var to = new MemoryStream();
        using (var zlib = new ZLibStream(to, level))
        {
            zlib.Write(bytes);
        }

        return to.ToArray();
    }
}
