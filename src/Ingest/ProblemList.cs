using System.Globalization;

namespace Monitoring.Ingest;

/// <summary>Faults of one input, one sentence each; the first ones are told, the rest counted.</summary>
internal sealed class ProblemList(int told = 20)
{
    private readonly List<string> _sentences = [];

    public int Count { get; private set; }

    public bool Any => Count > 0;

    public void Add(string sentence)
    {
        Count++;
        if (_sentences.Count < told)
            _sentences.Add(sentence);
    }

    public IReadOnlyList<string> Sentences => Count <= _sentences.Count
        ? _sentences
        : [.. _sentences, string.Create(CultureInfo.InvariantCulture, $"And {Count - _sentences.Count} more of this kind.")];
}
