using System.Text.RegularExpressions;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>Who may change a control line, by the numbers of the documents: practice as data, not confirmed by a text.</summary>
public sealed record LineChangeRules
{
    /// <summary>Levels of authority, the highest first.</summary>
    public required IReadOnlyList<DocumentLevel> Levels { get; init; }

    /// <summary>Per kind of line the lowest level that may change it. A kind that is missing is not watched.</summary>
    public required IReadOnlyList<LineChangeRow> Lines { get; init; }

    /// <summary>Less area than this, lost and gained together, is no change, in m², ≥ 0.</summary>
    public required double MinSquareMeters { get; init; }

    /// <summary>The level of a document, counted from 0 (the highest); null where no pattern fits its number.</summary>
    public int? LevelOf(string document)
    {
        for (var i = 0; i < Levels.Count; i++)
        {
            if (Levels[i].Numbers.Any(n => Regex.IsMatch(document.Trim(), n, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)))
            {
                return i;
            }
        }

        return null;
    }

    internal IEnumerable<string> Faults()
    {
        if (!(MinSquareMeters >= 0))
        {
            yield return "judgement: line_changes.min_square_meters is at least 0.";
        }

        foreach (var row in Lines.Where(r => Levels.All(l => l.Id != r.Level)))
        {
            yield return $"judgement: line_changes.lines name the level {row.Level}, which line_changes.levels do not define.";
        }

        foreach (var number in Levels.SelectMany(l => l.Numbers))
        {
            var sound = true;
            try
            {
                _ = new Regex(number, RegexOptions.NonBacktracking);
            }
            catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
            {
                sound = false;
            }

            if (!sound)
            {
                yield return $"judgement: line_changes: {number} is no pattern that can be used (no look-around, no back-references).";
            }
        }
    }
}

/// <param name="Id">For example <c>national</c>.</param>
/// <param name="Numbers">Regular expressions, of which one fits the numbers of its documents.</param>
public sealed record DocumentLevel(string Id, IReadOnlyList<string> Numbers);

/// <param name="Level">Id of the lowest level that may change lines of the kind.</param>
/// <param name="Severity">Of a finding.</param>
public sealed record LineChangeRow(ControlLineKind Kind, string Level, Severity Severity);
