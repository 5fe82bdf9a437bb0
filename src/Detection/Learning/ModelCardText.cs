using System.Globalization;
using System.Text;

namespace Monitoring.Detection.Learning;

/// <summary>The card of a model in Markdown: what it is, what it learned from, how good it was, what it must not be used for.</summary>
public static class ModelCardText
{
    public static string Of(ModelEntry entry, ViolationModel model)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(model);
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"# Model card: violation {entry.Version}");
        text.AppendLine().AppendLine("The probability that a field verification confirms building without approval. It orders work. It is no proof, sets no pushed patch aside, and says nothing of people.").AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        Line($"| made | {entry.MadeAt:O} by {entry.MadeBy} |");
        Line($"| kind | {model.Trees.Trees.Count} boosted trees (ML.NET FastTree), isotonic calibration on later outcomes |");
        Line($"| reads | {model.Schema.Id} version {model.Schema.Version}, {model.Schema.Count} features |");
        Line($"| learned from | {entry.Examples} recorded outcomes, {entry.Confirmed} confirmed, scored {entry.DataFrom:yyyy-MM-dd} to {entry.DataTo:yyyy-MM-dd} |");
        Line($"| data | SHA-256 {entry.DataHash} |");
        Line($"| file | SHA-256 {entry.FileHash} |");
        text.AppendLine().AppendLine("On later outcomes, weighted by how they were found:").AppendLine();
        Line($"average precision {entry.Held.AveragePrecision:F3}, AUC {entry.Held.Auc:F3}, expected calibration error {entry.Held.Ece:F4}, Brier {entry.Held.Brier:F4}, rate {entry.Held.Rate:P1}, {entry.Held.Cases} cases.");
        text.AppendLine().AppendLine("## Features").AppendLine().AppendLine("| feature | 中文 | meaning | reason expects | splits |").AppendLine("|---|---|---|---|---|");
        var splits = new int[model.Schema.Count];
        foreach (var feature in model.Trees.Trees.SelectMany(t => t.Feature))
        {
            splits[feature]++;
        }

        for (var k = 0; k < model.Schema.Count; k++)
        {
            var f = model.Schema.Features[k];
            Line($"| `{f.Name}` | {f.Zh} | {f.En} | {f.Expected switch { Expectation.Raises => "raises", Expectation.Lowers => "lowers", _ => "–" }} | {splits[k]} |");
        }

        text.AppendLine().AppendLine("The trainer cannot be held to a direction; a feature that pulls against reason shows in contributions of single cases.");
        return text.ToString();
    }
}
