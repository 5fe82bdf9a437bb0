using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Domain.Findings;

/// <summary>The few facts of a reason, by name in ordinal order. Names are looked up one after the other. Immutable; thread-safe.</summary>
internal sealed class FactList : IReadOnlyDictionary<string, string>
{
    private readonly KeyValuePair<string, string>[] _facts;

    /// <param name="facts">Of a name that comes twice the last counts.</param>
    public FactList(ReadOnlySpan<(string Name, string Value)> facts)
    {
        _facts = new KeyValuePair<string, string>[facts.Length];
        var count = 0;
        foreach (var (name, value) in facts)
        {
            ArgumentNullException.ThrowIfNull(name, nameof(facts));
            var at = count;
            while (at > 0 && string.CompareOrdinal(_facts[at - 1].Key, name) >= 0)
            {
                at--;
            }

            if (at < count && _facts[at].Key == name)
            {
                _facts[at] = new(name, value);
                continue;
            }

            Array.Copy(_facts, at, _facts, at + 1, count - at);
            _facts[at] = new(name, value);
            count++;
        }

        Array.Resize(ref _facts, count);
    }

    public int Count => _facts.Length;

    public IEnumerable<string> Keys => _facts.Select(f => f.Key);

    public IEnumerable<string> Values => _facts.Select(f => f.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The reason has no fact {key}.");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var fact in _facts)
        {
            if (fact.Key == key)
            {
                value = fact.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_facts).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
