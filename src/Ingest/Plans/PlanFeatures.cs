using System.Globalization;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans.Layers;
using Monitoring.Ingest.Plans.Quality;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans;

/// <summary>Makes plan features out of attributes and outline, as the layer's definition says.</summary>
internal static class PlanFeatures
{
    /// <summary>Our fields with other names of their columns.</summary>
    public static IReadOnlyDictionary<string, string[]> Presets(PlanLayer layer) => layer.Fields.ToDictionary(f => f.Name, f => f.Presets.ToArray());

    public static IReadOnlyList<string> Required(PlanLayer layer) => [.. layer.Fields.Where(f => f.Required && f.Type is not FieldRole.Code).Select(f => f.Name)];

    public static string IdField(PlanLayer layer) => layer.Fields.First(f => f.Type is FieldRole.Id).Name;

    /// <returns>The feature, or null when something is wrong; the fields have told what.</returns>
    public static PlanFeature? Make(PlanLayer layer, FeatureFields fields, Outline outline, double? lengthMeters, DateOnly? effective)
    {
        string? id = null, name = null, document = null, code = null, list = null;
        DateOnly? from = null, to = null;
        string fromField = "effective_from", toField = "effective_to";
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in layer.Fields)
        {
            switch (field.Type)
            {
                case FieldRole.Id:
                    id = fields.RequiredText(field.Name, 128);
                    break;
                case FieldRole.Document:
                    document = fields.Text(field.Name);
                    break;
                case FieldRole.EffectiveFrom:
                    (fromField, from) = (field.Name, fields.Date(field.Name));
                    break;
                case FieldRole.EffectiveTo:
                    (toField, to) = (field.Name, fields.Date(field.Name));
                    break;
                case FieldRole.Code when field.Name == "code":
                    if (CodeOf(field, fields) is { } found)
                    {
                        (code, list) = (found.Code, field.List);
                        foreach (var flag in found.Flags)
                            values[$"is_{flag}"] = "true";
                    }

                    break;
                case FieldRole.Code:
                    if (CodeOf(field, fields) is { } other)
                        values[field.Name] = other.Code;
                    break;
                case FieldRole.CodeName:
                    break;
                case FieldRole.Number:
                    if (fields.Number(field.Name, field.Min, field.Max) is { } number)
                        values[field.Name] = number.ToString("R", CultureInfo.InvariantCulture);
                    break;
                case FieldRole.Date:
                    if (fields.Date(field.Name) is { } day)
                        values[field.Name] = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                    break;
                case FieldRole.Text when field.Name == "name":
                    name = fields.Text(field.Name);
                    break;
                case FieldRole.Text:
                    if ((field.Required ? fields.RequiredText(field.Name) : fields.Text(field.Name)) is { } text)
                        values[field.Name] = text;
                    break;
            }
        }

        if (lengthMeters is { } length)
            values["length_m"] = Math.Round(length, 3).ToString("R", CultureInfo.InvariantCulture);
        from ??= effective;
        fields.MustBeInOrder(fromField, from, toField, to);
        return id is null ? null : new PlanFeature
        {
            Id = id,
            Outline = outline,
            Kind = layer.Kind,
            Name = name,
            Code = code,
            CodeList = code is null ? null : list,
            Values = values,
            EffectiveFrom = from,
            EffectiveTo = to,
            Document = document,
            SourceFields = fields.Rest(),
        };
    }

    /// <summary>Checks code and name against each other, and tells codes of another list.</summary>
    private static LandCode? CodeOf(PlanField field, FeatureFields fields)
    {
        var list = fields.Codes.Find(field.List!) ?? throw new RefusedInputException($"The field {field.Name} names the code list {field.List}, which there is not.");
        var text = fields.Text(field.Name);
        var name = field.NameField is { } beside ? fields.Text(beside) : null;
        if (text is null && name is null)
        {
            if (field.Required)
                fields.Fault($"has no {fields.Binding.Column(field.Name)}");
            return null;
        }

        if (text is null)
        {
            if (list.FindByName(name!) is { } byName)
                return byName;
            fields.Fault($"has no {fields.Binding.Column(field.Name)}, and its name '{FeatureFields.Cut(name!)}' is none of the list {list.List} ({list.Revision})", FaultCodes.CodeUnknown);
            return null;
        }

        var entry = list.Find(text) ?? list.FindByName(text);
        var elsewhere = fields.Codes.Lists.FirstOrDefault(l => l != list && l.Find(text) is { } there && (name is null || Agrees(l, there, name)));
        if (entry is null)
        {
            if (list.IsBelowListed(text))
            {
                fields.Warn($"has {fields.Binding.Column(field.Name)} '{text}', which the list {list.List} ({list.Revision}) does not go down to", FaultCodes.CodeUnlisted);
                return new LandCode(text, name ?? text) { Flags = list.FindOrAbove(text)!.Flags };
            }

            // An accepted wrong code is kept as it stands.
            var kept = new LandCode(text, name ?? text);
            if (elsewhere is not null)
            {
                fields.Fault(
                    $"has {fields.Binding.Column(field.Name)} '{text}', which the list {list.List} ({list.Revision}) does not hold; in {elsewhere.List} ({elsewhere.Revision}) it is {elsewhere.Find(text)!.Name}: translate the codes first{Targets(fields, elsewhere, list, text)}",
                    FaultCodes.CodeRevision);
                return kept;
            }

            fields.Fault($"has {fields.Binding.Column(field.Name)} '{FeatureFields.Cut(text)}', which is no code of the list {list.List} ({list.Revision})", FaultCodes.CodeUnknown);
            return kept;
        }

        if (name is null || Agrees(list, entry, name))
            return entry;
        if (elsewhere is not null)
        {
            fields.Fault(
                $"has {fields.Binding.Column(field.Name)} '{text}' with the name '{FeatureFields.Cut(name)}': that is {elsewhere.List} ({elsewhere.Revision}); in {list.List} ({list.Revision}) the code means {entry.Name}{Meant(list, name)}; translate the codes first{Targets(fields, elsewhere, list, text)}",
                FaultCodes.CodeRevision);
        }
        else
        {
            fields.Fault($"has {fields.Binding.Column(field.Name)} '{text}' with the name '{FeatureFields.Cut(name)}', but in {list.List} ({list.Revision}) the code means {entry.Name}{Meant(list, name)}; correct the one that is wrong", FaultCodes.CodeName);
        }

        return entry;
    }

    /// <summary>The name is the code's, one of its words, or that of a class above it; "用地" at the end makes no difference.</summary>
    private static bool Agrees(LandCodeList list, LandCode entry, string name)
    {
        for (var at = entry; at is not null; at = at.Code.Length > 1 ? list.FindOrAbove(at.Code[..^1]) : null)
        {
            if (Same(at.Name, name) || at.Words.Any(w => Same(w, name)))
                return true;
        }

        return false;
    }

    private static bool Same(string one, string other) => Bare(one).Equals(Bare(other), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string name)
    {
        var bare = name.Trim();
        return bare.Length > 2 && bare.EndsWith("用地", StringComparison.Ordinal) ? bare[..^2] : bare.Length > 2 && bare.EndsWith('地') ? bare[..^1] : bare;
    }

    private static string Meant(LandCodeList list, string name) =>
        list.Codes.FirstOrDefault(c => Same(c.Name, name)) is { } right ? $"; the name has the code {right.Code}" : "";

    private static string Targets(FeatureFields fields, LandCodeList from, LandCodeList to, string code) =>
        fields.Codes.Mapping(from.List, to.List)?.Targets(code) is { Count: > 0 } targets ? $" (here {string.Join(" or ", targets)})" : "";
}
