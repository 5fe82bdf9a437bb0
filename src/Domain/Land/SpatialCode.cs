using System.Diagnostics.CodeAnalysis;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Land;

/// <summary>
/// 空间码: a short name for a place, a cell of 1/40 000° by 1/32 000° (at most 2.8 m × 3.5 m), for example <c>8Q33MQGH+7WC-R</c>. Twelve characters that no other than this
/// place ever gets, whatever is planned there: eleven digits of an Open Location Code (its specification, 2014), which maps elsewhere read too, and a check digit
/// (ISO/IEC 7064, hybrid system MOD M+1, M with M = 20), which finds every single wrong character. Longitude and latitude are in degrees, EPSG:4490. Thread-safe.
/// </summary>
public readonly record struct SpatialCode
{
    /// <summary>The twenty digits: no vowels, nothing that is taken for another.</summary>
    private const string Digits = "23456789CFGHJMPQRVWX";

    private const int PairDigits = 10;
    private const int AllDigits = 11;
    private const int SeparatorAt = 8;
    private const int GridRows = 5, GridColumns = 4;
    private const long RowsPerDegree = 8000 * GridRows, ColumnsPerDegree = 8000 * GridColumns;
    private const long Rows = 180 * RowsPerDegree, Columns = 360 * ColumnsPerDegree;

    /// <summary>Finer than a cell by a millionth, so that a border written in decimals falls where it is meant.</summary>
    private const double Hair = 1e6;

    private readonly string? text;

    private SpatialCode(long row, long column)
    {
        (Row, Column) = (row, column);
        text = Write(row, column);
    }

    /// <summary>Row of the cell, counted from the south pole.</summary>
    private long Row { get; }

    /// <summary>Column of the cell, counted from 180° W.</summary>
    private long Column { get; }

    /// <summary>As it is printed.</summary>
    public string Text => text ?? Write(0, 0);

    /// <summary>The cell in degrees; its south and west borders belong to it.</summary>
    public Envelope Cell => new(
        (Column / (double)ColumnsPerDegree) - 180, ((Column + 1) / (double)ColumnsPerDegree) - 180, (Row / (double)RowsPerDegree) - 90, ((Row + 1) / (double)RowsPerDegree) - 90);

    /// <summary>The middle of the cell.</summary>
    public Coordinate Center => new(((Column + 0.5) / ColumnsPerDegree) - 180, ((Row + 0.5) / RowsPerDegree) - 90);

    /// <summary>The code of a place.</summary>
    /// <param name="longitude">In degrees; any turn round the Earth is taken off.</param>
    /// <param name="latitude">In [-90, 90]; the pole belongs to the row beside it.</param>
    /// <exception cref="ArgumentOutOfRangeException">No place on Earth.</exception>
    public static SpatialCode At(double longitude, double latitude)
    {
        if (!double.IsFinite(longitude))
        {
            throw new ArgumentOutOfRangeException(nameof(longitude), longitude, "A longitude is a number of degrees.");
        }

        if (!(latitude is >= -90 and <= 90))
        {
            throw new ArgumentOutOfRangeException(nameof(latitude), latitude, "A latitude is -90 to 90 degrees.");
        }

        var turned = longitude - (360 * Math.Floor((longitude + 180) / 360));
        return new(Math.Min(Index(latitude + 90, RowsPerDegree), Rows - 1), Index(turned + 180, ColumnsPerDegree) % Columns);

        static long Index(double degrees, long perDegree) => (long)Math.Floor(Math.Round(degrees * perDegree * Hair) / Hair);
    }

    /// <summary>Reads a code as people write it: either case, with or without + and -, with spaces.</summary>
    /// <param name="problem">One sentence that says what is wrong, where it is none.</param>
    public static bool TryParse(string? written, out SpatialCode code, [NotNullWhen(false)] out string? problem)
    {
        code = default;
        var digits = new List<int>(AllDigits + 1);
        foreach (var character in written ?? "")
        {
            if (character is '+' or '-' or ' ')
            {
                continue;
            }

            var value = Digits.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal);
            if (value < 0 || digits.Count > AllDigits)
            {
                problem = value < 0
                    ? $"A spatial code has only the characters {Digits}; this one has {(char.IsControl(character) || char.IsSurrogate(character) ? "another" : $"“{character}”")}."
                    : $"A spatial code has {AllDigits + 1} characters, such as {Example}; this one has more.";
                return false;
            }

            digits.Add(value);
        }

        if (digits.Count != AllDigits + 1)
        {
            problem = $"A spatial code has {AllDigits + 1} characters, such as {Example}; this one has {digits.Count}.";
            return false;
        }

        var (row, column) = (0L, 0L);
        for (var i = 0; i < PairDigits; i += 2)
        {
            (row, column) = ((row * Digits.Length) + digits[i], (column * Digits.Length) + digits[i + 1]);
        }

        (row, column) = ((row * GridRows) + (digits[PairDigits] / GridColumns), (column * GridColumns) + (digits[PairDigits] % GridColumns));
        if (CheckDigit(digits.Take(AllDigits)) != digits[AllDigits] || row >= Rows || column >= Columns)
        {
            problem = $"{written} is no spatial code: its last character does not fit the others, so one of them was mistaken; read it again.";
            return false;
        }

        (code, problem) = (new(row, column), null);
        return true;
    }

    public override string ToString() => Text;

    private static string Example => At(118.796877, 32.060255).Text;

    private static string Write(long row, long column)
    {
        var digits = new int[AllDigits];
        digits[PairDigits] = (int)(((row % GridRows) * GridColumns) + (column % GridColumns));
        (row, column) = (row / GridRows, column / GridColumns);
        for (var i = PairDigits - 2; i >= 0; i -= 2)
        {
            (digits[i], digits[i + 1]) = ((int)(row % Digits.Length), (int)(column % Digits.Length));
            (row, column) = (row / Digits.Length, column / Digits.Length);
        }

        var plain = string.Concat(digits.Select(d => Digits[d]));
        return $"{plain[..SeparatorAt]}+{plain[SeparatorAt..]}-{Digits[CheckDigit(digits)]}";
    }

    private static int CheckDigit(IEnumerable<int> digits)
    {
        var m = Digits.Length;
        var product = m;
        foreach (var digit in digits)
        {
            var sum = (product + digit) % m;
            product = (sum == 0 ? m : sum) * 2 % (m + 1);
        }

        return (m + 1 - product) % m;
    }
}
