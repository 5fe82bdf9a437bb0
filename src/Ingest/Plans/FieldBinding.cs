using System.Globalization;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>Which column of a layer, or which constant, each of our fields is read from.</summary>
internal sealed class FieldBinding
{
    /// <summary>Length that Shapefile cuts column names to.</summary>
    private const int ShapefileNameLength = 10;

    /// <summary>Stands in <c>--map</c> for the feature's number in the file, where a file has no ids.</summary>
    private const string FeatureNumber = "#";

    private const int NumberColumn = -1;

    private readonly Dictionary<string, int> _columns = [];
    private readonly Dictionary<string, string> _constants = [];
    private readonly IReadOnlyList<FieldInfo> _fields;

    private FieldBinding(IReadOnlyList<FieldInfo> fields) => _fields = fields;

    /// <summary>Binds by <c>--map</c> first, then by our own names, then by the presets; letters' case does not matter.</summary>
    /// <param name="presets">Our fields with other names of their columns.</param>
    public static FieldBinding Bind(
        IReadOnlyDictionary<string, string[]> presets, IReadOnlyList<string> required, IFeatureTable layer, IReadOnlyDictionary<string, string> map, ProblemList problems)
    {
        var binding = new FieldBinding(layer.Fields);
        foreach (var (field, source) in map)
        {
            if (!presets.ContainsKey(field))
                problems.Add($"--map {field}={source}: there is no field '{field}' here; the fields are {string.Join(", ", presets.Keys)}.");
            else if (source.StartsWith('='))
                binding._constants[field] = source[1..];
            else if (source == FeatureNumber)
                binding._columns[field] = NumberColumn;
            else if (Find(layer.Fields, source) is { } column)
                binding._columns[field] = column;
            else
                problems.Add($"--map {field}={source}: the layer has no column '{source}'; it has {Names(layer)}.");
        }

        foreach (var (field, others) in presets)
        {
            if (!map.ContainsKey(field) && others.Prepend(field).Select(name => Find(layer.Fields, name)).FirstOrDefault(c => c is not null) is { } column)
                binding._columns[field] = column;
        }

        binding.Divide(presets.Keys, map);

        foreach (var field in required)
        {
            if (!map.ContainsKey(field) && !binding._columns.ContainsKey(field))
            {
                problems.Add(
                    $"The field '{field}' was not found among the columns {Names(layer)}; name its column with --map {field}=COLUMN, or one value for all with --map {field}==VALUE.");
            }
        }

        return binding;
    }

    /// <summary>
    /// Two of our fields with the same ten first letters (effective_from, effective_to): Shapefile's writers cut the first and number the second, EFFECTIVE_ and EFFECTIV_1, in
    /// the order of the fields. One column alone is the first's.
    /// </summary>
    private void Divide(IEnumerable<string> fields, IReadOnlyDictionary<string, string> map)
    {
        foreach (var shared in fields.Where(f => !map.ContainsKey(f) && f.Length > ShapefileNameLength && _columns.TryGetValue(f, out var c) && c != NumberColumn && IsCut(f, c))
            .GroupBy(f => _columns[f]).Where(g => g.Count() > 1).ToList())
        {
            var number = 0;
            foreach (var field in shared.Skip(1))
            {
                number++;
                if (Find(_fields, string.Create(CultureInfo.InvariantCulture, $"{field[..(ShapefileNameLength - 2)]}_{number}")) is { } column)
                    _columns[field] = column;
                else
                    _columns.Remove(field);
            }
        }

        bool IsCut(string field, int column) => _fields[column].Name.Equals(field[..ShapefileNameLength], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The value as the file types it; null when absent, null or blank.</summary>
    public object? Value(string field, Feature feature)
    {
        if (_constants.TryGetValue(field, out var constant))
            return constant;
        if (!_columns.TryGetValue(field, out var column))
            return null;
        if (column == NumberColumn)
            return feature.Fid;
        return feature.Values[column] is string text && string.IsNullOrWhiteSpace(text) ? null : feature.Values[column];
    }

    /// <summary>Name of the column for sentences: ours, and the file's where it differs.</summary>
    public string Column(string field) =>
        _columns.TryGetValue(field, out var column) && column != NumberColumn && !_fields[column].Name.Equals(field, StringComparison.OrdinalIgnoreCase)
            ? $"{field} (column {_fields[column].Name})"
            : field;

    /// <summary>Whether a column or a constant was found for a field.</summary>
    public bool Has(string field) => _constants.ContainsKey(field) || _columns.ContainsKey(field);

    /// <summary>Columns that no field of ours uses, as text.</summary>
    public IReadOnlyDictionary<string, string> Rest(Feature feature) => Columns(feature, unusedOnly: true);

    /// <summary>Every column under its own name, as text.</summary>
    public IReadOnlyDictionary<string, string> Everything(Feature feature) => Columns(feature, unusedOnly: false);

    private Dictionary<string, string> Columns(Feature feature, bool unusedOnly)
    {
        var rest = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < _fields.Count && rest.Count < (unusedOnly ? 64 : 256); i++)
        {
            if (feature.Values[i] is not { } value || value is byte[] || (unusedOnly && _columns.ContainsValue(i)))
                continue;
            var text = FieldText.Of(value);
            if (text.Length > 0)
                rest[_fields[i].Name] = text.Length <= 1000 ? text : string.Concat(text.AsSpan(0, 999), "…");
        }

        return rest;
    }

    private static int? Find(IReadOnlyList<FieldInfo> fields, string name)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (Is(fields[i].Name, name) || Is(fields[i].Alias, name))
                return i;
        }

        if (name.Length > ShapefileNameLength && name.All(char.IsAscii))
        {
            for (var i = 0; i < fields.Count; i++)
            {
                if (Is(fields[i].Name, name[..ShapefileNameLength]))
                    return i;
            }
        }

        return null;

        static bool Is(string column, string name) => column.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static string Names(IFeatureTable layer) =>
        layer.Fields.Count == 0 ? "(none)" : string.Join(", ", layer.Fields.Take(40).Select(f => f.Name)) + (layer.Fields.Count > 40 ? ", …" : "");
}

/// <summary>Attribute values as text.</summary>
internal static class FieldText
{
    /// <summary>Codes and numbers are often stored as floating point; whole ones are written without point or exponent.</summary>
    public static string Of(object value) => value switch
    {
        string text => text.Trim(),
        bool flag => flag ? "true" : "false",
        double number when Math.Abs(number) < 1e15 && number == Math.Floor(number) => number.ToString("0", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
