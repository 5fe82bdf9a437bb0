using System.Globalization;
using System.Text;
using System.Text.Json;
using Monitoring.Domain.Learning;

namespace Monitoring.Ingest.Outcomes;

/// <summary>Reads recorded outcomes, CSV or GeoJSON points (docs/formats/outcomes.md). Pure.</summary>
internal static class OutcomesFile
{
    public const int MaxReference = 128;

    private static readonly string[] Columns = ["reference", "longitude", "latitude", "decided_on", "decision", "found_by", "inspection_chance"];

    private static readonly Dictionary<string, bool> Decisions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["confirmed"] = true, ["确认"] = true, ["属实"] = true, ["违法"] = true, ["dismissed"] = false, ["排除"] = false, ["不属实"] = false, ["合法"] = false,
    };

    private static readonly Dictionary<string, FoundHow> Found = new(StringComparer.OrdinalIgnoreCase)
    {
        ["random_sample"] = FoundHow.RandomSample, ["随机抽查"] = FoundHow.RandomSample, ["pushed"] = FoundHow.Pushed, ["下发"] = FoundHow.Pushed,
        ["ranked"] = FoundHow.Ranked, ["排序"] = FoundHow.Ranked, ["patrol"] = FoundHow.Patrol, ["巡查"] = FoundHow.Patrol,
        ["complaint"] = FoundHow.Complaint, ["举报"] = FoundHow.Complaint,
    };

    /// <param name="zone">Zone of dates without a time.</param>
    /// <param name="now">Nothing is decided later.</param>
    /// <returns>The outcomes; those of rows that are wrong are missing and told in <paramref name="problems"/>.</returns>
    public static IReadOnlyList<CaseOutcome> Read(string text, bool json, IReadOnlyDictionary<string, string> map, TimeZoneInfo zone, DateTimeOffset now, ProblemList problems)
    {
        List<CaseOutcome> outcomes = [];
        Dictionary<string, string> firstWith = new(StringComparer.Ordinal);
        foreach (var (where, row) in json ? GeoJsonRows(text, map, problems) : CsvRows(text, map, problems))
        {
            if (Make(where, row, zone, now, problems) is not { } outcome)
            {
                continue;
            }

            if (firstWith.TryAdd(outcome.Id, where))
            {
                outcomes.Add(outcome);
            }
            else
            {
                problems.Add($"{where} has the reference of {firstWith[outcome.Id]}; references are unique within a file");
            }
        }

        return outcomes;
    }

    private static CaseOutcome? Make(string where, IReadOnlyDictionary<string, string> row, TimeZoneInfo zone, DateTimeOffset now, ProblemList problems)
    {
        string Of(string column) => row.GetValueOrDefault(column, "").Trim();
        List<string> faults = [];
        var reference = Of("reference");
        if (reference.Length is 0 or > MaxReference)
        {
            faults.Add($"has no reference of 1 to {MaxReference} characters");
        }

        if (!Number(Of("longitude"), out var longitude) || !Number(Of("latitude"), out var latitude) || longitude is < -180 or > 180 || latitude is < -89.9 or > 89.9)
        {
            (longitude, latitude) = (0, 0);
            faults.Add($"has no place: longitude \"{Of("longitude")}\" and latitude \"{Of("latitude")}\" are not degrees");
        }

        if (!Instant(Of("decided_on"), zone, out var decided))
        {
            faults.Add($"has decided_on \"{Of("decided_on")}\"; it is yyyy-MM-dd, or a time with a zone");
        }
        else if (decided > now)
        {
            faults.Add($"was decided on {Of("decided_on")}, which is in the future");
        }

        if (!Decisions.TryGetValue(Of("decision"), out var confirmed))
        {
            faults.Add($"has decision \"{Of("decision")}\"; it is confirmed (确认) or dismissed (排除)");
        }

        if (!Found.TryGetValue(Of("found_by"), out var found))
        {
            faults.Add($"has found_by \"{Of("found_by")}\"; it is random_sample (随机抽查), pushed (下发), ranked (排序), patrol (巡查) or complaint (举报)");
        }

        double? chance = null;
        if (Of("inspection_chance") is { Length: > 0 } stated)
        {
            if (Number(stated, out var value) && value is > 0 and <= 1)
            {
                chance = value;
            }
            else
            {
                faults.Add($"has inspection_chance \"{stated}\"; it lies in (0, 1], or is left out");
            }
        }

        if (faults.Count > 0)
        {
            problems.Add($"{where} {string.Join(", and ", faults)}");
            return null;
        }

        return new CaseOutcome($"import:{reference}", null, longitude, latitude, decided, now, confirmed, found, chance);
    }

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>A day counts from its beginning: what was scored on that day may have been known from the visit.</summary>
    private static bool Instant(string text, TimeZoneInfo zone, out DateTimeOffset instant)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            var local = day.ToDateTime(TimeOnly.MinValue);
            instant = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
            return true;
        }

        instant = default;
        return text.Length > 10 && (text[^1] is 'Z' || text[^6] is '+' or '-')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out instant);
    }

    private static IEnumerable<(string Where, IReadOnlyDictionary<string, string> Row)> GeoJsonRows(string text, IReadOnlyDictionary<string, string> map, ProblemList problems)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException fault)
        {
            problems.Add($"it is no JSON: {fault.Message}");
            yield break;
        }

        using (document)
        {
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGetProperty("features", out var features) || features.ValueKind is not JsonValueKind.Array)
            {
                problems.Add("it is no GeoJSON FeatureCollection");
                yield break;
            }

            var number = 0;
            foreach (var feature in features.EnumerateArray())
            {
                number++;
                Dictionary<string, string> row = new(StringComparer.Ordinal);
                if (feature.ValueKind is JsonValueKind.Object && feature.TryGetProperty("properties", out var properties) && properties.ValueKind is JsonValueKind.Object)
                {
                    foreach (var column in Columns)
                    {
                        if (properties.TryGetProperty(map.GetValueOrDefault(column, column), out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                        {
                            row[column] = value.ToString();
                        }
                    }
                }

                if (feature.ValueKind is JsonValueKind.Object && feature.TryGetProperty("geometry", out var geometry) && geometry.ValueKind is JsonValueKind.Object
                    && geometry.TryGetProperty("type", out var type) && type.ValueEquals("Point") && geometry.TryGetProperty("coordinates", out var at)
                    && at.ValueKind is JsonValueKind.Array && at.GetArrayLength() >= 2)
                {
                    (row["longitude"], row["latitude"]) = (at[0].ToString(), at[1].ToString());
                }

                yield return ($"feature {number}", row);
            }
        }
    }

    private static IEnumerable<(string Where, IReadOnlyDictionary<string, string> Row)> CsvRows(string text, IReadOnlyDictionary<string, string> map, ProblemList problems)
    {
        using var rows = Csv(text, problems).GetEnumerator();
        if (!rows.MoveNext())
        {
            problems.Add($"it is empty; its first line names the columns {string.Join(", ", Columns)}");
            yield break;
        }

        var header = rows.Current.Cells.Select(static c => c.Trim()).ToList();
        var places = Columns.ToDictionary(static c => c, c => header.IndexOf(map.GetValueOrDefault(c, c)));
        var missing = places.Where(static p => p.Value < 0 && p.Key != "inspection_chance").Select(p => map.GetValueOrDefault(p.Key, p.Key)).ToList();
        if (missing.Count > 0)
        {
            problems.Add($"its first line names no column {string.Join(", ", missing)}; name the columns with --map field=column");
            yield break;
        }

        while (rows.MoveNext())
        {
            var (line, cells) = rows.Current;
            yield return ($"line {line}", places.Where(p => p.Value >= 0 && p.Value < cells.Count).ToDictionary(static p => p.Key, p => cells[p.Value], StringComparer.Ordinal));
        }
    }

    /// <summary>RFC 4180: commas, quoted cells with doubled quotes, lines by LF or CRLF; empty lines are passed over.</summary>
    private static IEnumerable<(int Line, IReadOnlyList<string> Cells)> Csv(string text, ProblemList problems)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        int line = 1, begun = 1;
        var quoted = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i < text.Length)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else if (c == '"')
                {
                    quoted = false;
                }
                else
                {
                    line += c == '\n' ? 1 : 0;
                    cell.Append(c);
                }

                continue;
            }

            if (quoted)
            {
                problems.Add($"line {begun} opens a quote that nothing closes");
                yield break;
            }

            switch (c)
            {
                case '"' when cell.Length == 0:
                    quoted = true;
                    break;
                case ',':
                    cells.Add(cell.ToString());
                    cell.Clear();
                    break;
                case '\n':
                    cells.Add(cell.ToString().TrimEnd('\r'));
                    cell.Clear();
                    if (cells.Count > 1 || cells[0].Length > 0)
                    {
                        yield return (begun, cells);
                    }

                    cells = [];
                    begun = ++line;
                    break;
                default:
                    cell.Append(c);
                    break;
            }
        }
    }
}
