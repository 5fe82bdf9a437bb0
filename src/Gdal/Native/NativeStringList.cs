using System.Runtime.InteropServices;
using System.Text;

namespace Monitoring.Gdal.Native;

/// <summary>
/// A null-terminated array of UTF-8 strings (<c>char**</c>) owned here; valid until disposed. <c>null</c> in gives a null pointer.
/// </summary>
internal sealed unsafe class NativeStringList : IDisposable
{
    private byte* _block;

    internal NativeStringList(IEnumerable<string>? items)
    {
        if (items is null)
            return;
        var strings = items.Select(Utf8).ToArray();
        var table = (nuint)(strings.Length + 1) * (nuint)sizeof(nint);
        var size = table + (nuint)strings.Sum(static s => (long)s.Length + 1);
        _block = (byte*)NativeMemory.AllocZeroed(size);
        var text = _block + table;
        for (var i = 0; i < strings.Length; i++)
        {
            ((byte**)_block)[i] = text;
            strings[i].CopyTo(new Span<byte>(text, strings[i].Length));
            text += strings[i].Length + 1;
        }
    }

    internal nint Pointer => (nint)_block;

    public void Dispose()
    {
        NativeMemory.Free(_block);
        _block = null;
    }

    /// <summary>Reads a <c>char**</c> that stays owned by GDAL.</summary>
    internal static List<string> Read(nint list)
    {
        var items = new List<string>();
        for (var p = (byte**)list; p != null && *p != null; p++)
            items.Add(Marshal.PtrToStringUTF8((nint)(*p)) ?? "");
        return items;
    }

    /// <summary>Reads a <c>char**</c> of <c>KEY=VALUE</c> items that stays owned by GDAL; the last of equal keys wins.</summary>
    internal static Dictionary<string, string> ReadPairs(nint list)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in Read(list))
        {
            // GDAL joins by '='; only a few drivers use ':' and then there is no '='.
            var cut = item.IndexOf('=', StringComparison.Ordinal);
            if (cut < 0)
                cut = item.IndexOf(':', StringComparison.Ordinal);
            if (cut > 0)
                pairs[item[..cut]] = item[(cut + 1)..];
        }
        return pairs;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(Text.NoNul(text));
}

/// <summary>Strings on their way to and from C.</summary>
internal static class Text
{
    /// <summary>C ends a string at NUL: a path or option that holds one would silently mean something else.</summary>
    internal static string NoNul(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("The text holds a NUL character.", nameof(text))
            : text;
    }

    internal static string? Read(nint utf8) => Marshal.PtrToStringUTF8(utf8);

    /// <summary>Reads a string that GDAL allocated for us and frees it.</summary>
    internal static string? Take(nint utf8)
    {
        var text = Marshal.PtrToStringUTF8(utf8);
        if (utf8 != 0)
            GdalNative.VSIFree(utf8);
        return text;
    }
}
