using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans.Quality;

namespace Monitoring.Ingest.Plans;

/// <summary>The attributes of one feature, read into types; every fault is a sentence with the feature's number and id.</summary>
internal sealed partial class FeatureFields(FieldBinding binding, Feature feature, string idField, QualityReport report, LandCodes codes)
{
    private static readonly string[] DateForms = ["yyyy-MM-dd", "yyyy-M-d", "yyyy/MM/dd", "yyyy/M/d", "yyyyMMdd", "yyyy'年'M'月'd'日'"];

    public Feature Feature => feature;

    /// <summary>How sentences call the feature.</summary>
    public string Who
    {
        get
        {
            var fid = feature.Fid.ToString(CultureInfo.InvariantCulture);
            return binding.Value(idField, feature) is { } id ? $"Feature {fid} ({idField} '{Cut(FieldText.Of(id))}')" : $"Feature {fid}";
        }
    }

    /// <summary>Where the feature lies, for the picture; null before it is known.</summary>
    public NetTopologySuite.Geometries.Envelope? Box { get; set; }

    /// <summary>What is drawn of the feature in the picture.</summary>
    public NetTopologySuite.Geometries.Geometry? Drawn { get; set; }

    public FieldBinding Binding => binding;

    public LandCodes Codes => codes;

    public string? IdText => binding.Value(idField, feature) is { } id ? FieldText.Of(id) : null;

    public void Fault(string what, string code = FaultCodes.Field, (double X, double Y)? at = null) => Tell(what, code, true, at);

    /// <summary>Something to look at that keeps nothing out.</summary>
    public void Warn(string what, string code) => Tell(what, code, false, null);

    private void Tell(string what, string code, bool isError, (double X, double Y)? at) => report.Add(new QualityFault(
        code, isError, $"{Who} {what}.", feature.Fid, IdText, Box?.Centre.X, Box?.Centre.Y, at?.X, at?.Y) { Shape = Drawn });

    public string? Text(string field, int maxLength = 256)
    {
        if (binding.Value(field, feature) is not { } value)
            return null;
        var text = FieldText.Of(value);
        if (text.Length <= maxLength)
            return text;
        Fault($"has {text.Length} characters in {binding.Column(field)}; it takes {maxLength}");
        return null;
    }

    public string? RequiredText(string field, int maxLength = 256)
    {
        if (binding.Value(field, feature) is null)
            Fault($"has no {binding.Column(field)}");
        return Text(field, maxLength);
    }

    /// <summary>A value out of a list of codes, which may also be written in the words given with each code.</summary>
    public T? Code<T>(string field, IReadOnlyDictionary<string, T> codes, string listed)
        where T : struct
    {
        if (RequiredText(field) is not { } text)
            return null;
        if (codes.TryGetValue(text, out var code))
            return code;
        Fault($"has {binding.Column(field)} '{Cut(text)}'; known are {listed}");
        return null;
    }

    public DateOnly? Date(string field)
    {
        switch (binding.Value(field, feature))
        {
            case null:
                return null;
            case DateOnly date:
                return date;
            case DateTime time:
                return DateOnly.FromDateTime(time);
            case DateTimeOffset time:
                return DateOnly.FromDateTime(time.DateTime);
            case { } other:
                var text = FieldText.Of(other);
                if (DateOnly.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
                    return parsed;
                Fault($"has {binding.Column(field)} '{Cut(text)}', which is no date; write yyyy-MM-dd");
                return null;
        }
    }

    /// <summary>A finite number, at least 0.</summary>
    public double? Amount(string field) => Number(field, 0, double.MaxValue);

    /// <summary>A finite number in [min, max].</summary>
    public double? Number(string field, double min, double max)
    {
        double number;
        switch (binding.Value(field, feature))
        {
            case null:
                return null;
            case long whole:
                number = whole;
                break;
            case double real:
                number = real;
                break;
            case { } other:
                var text = FieldText.Of(other);
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                    break;
                Fault($"has {binding.Column(field)} '{Cut(text)}', which is no number");
                return null;
        }

        if (double.IsFinite(number) && number >= min && number <= max)
            return number;
        Fault(max < double.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"has {binding.Column(field)} {number}; it is a number from {min} to {max}")
            : string.Create(CultureInfo.InvariantCulture, $"has {binding.Column(field)} {number}; it is a number from {min} on"));
        return null;
    }

    /// <summary>A code of the 2023 guide to land and sea use: 01 to 24, with two or four digits more for the lower levels.</summary>
    public string? UseCode(string field)
    {
        if (Text(field, 32) is not { } text)
            return null;
        if (LandUseCode().IsMatch(text))
        {
            var list = codes[LandCodes.LandUse2023];
            if (list.Find(text) is null && !list.IsBelowListed(text))
                Warn($"has {binding.Column(field)} '{text}', which the list {list.List} ({list.Revision}) does not hold", FaultCodes.CodeUnlisted);
            return text;
        }

        Fault($"has {binding.Column(field)} '{Cut(text)}', which is no code of the 2023 land-use guide (two, four or six digits, beginning 01 to 24); translate other code systems first", FaultCodes.CodeUnknown);
        return null;
    }

    public void MustBeInOrder(string fromField, DateOnly? from, string toField, DateOnly? to)
    {
        if (from is { } start && to is { } end && end <= start)
            Fault($"has {binding.Column(toField)} {end:yyyy-MM-dd} not after {binding.Column(fromField)} {start:yyyy-MM-dd}");
    }

    public IReadOnlyDictionary<string, string> Rest() => binding.Rest(feature);

    public static string Cut(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 63), "…");

    [GeneratedRegex(@"^(0[1-9]|1\d|2[0-4])(\d{2}){0,2}$")]
    private static partial Regex LandUseCode();
}
