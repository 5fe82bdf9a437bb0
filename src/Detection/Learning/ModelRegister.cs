using System.Globalization;
using System.Text.Json;
using Monitoring.Domain.Audit;

namespace Monitoring.Detection.Learning;

/// <summary>What the register keeps of a model beside its trees.</summary>
/// <param name="Version">Counts up, four digits: <c>0001</c>.</param>
/// <param name="FileHash">SHA-256 of the model file.</param>
/// <param name="DataHash">Of the examples it learned from.</param>
public sealed record ModelEntry(
    string Version, DateTimeOffset MadeAt, string MadeBy, string FileHash, string DataHash, DateTimeOffset DataFrom, DateTimeOffset DataTo, int Examples, int Confirmed,
    Metrics Held, FeatureProfile Profile);

/// <summary>An act on the register.</summary>
/// <param name="Act"><c>add</c>, <c>shadow</c>, <c>promote</c>, <c>roll-back</c>.</param>
/// <param name="Audited">Whether the audit trail has it.</param>
public sealed record ModelAct(int Number, DateTimeOffset At, string Actor, string Act, string? Version, string Reason, bool Audited);

/// <summary>What is in use, and what was done. Immutable.</summary>
/// <param name="Active">Version in use; null = rules and a prior.</param>
/// <param name="Shadow">Version whose scores are kept beside and not used, or null.</param>
/// <param name="Earlier">What was in use before each promotion that was not taken back; empty text for rules.</param>
public sealed record RegisterState(string? Active, string? Shadow, IReadOnlyList<string> Earlier, IReadOnlyList<ModelAct> Acts);

/// <summary>
/// The models of a data directory, <c>models/violation</c>: one folder a version, written whole and renamed into place, never changed after; one
/// <c>state.json</c>, replaced by temp, sync, rename, that says which version is used and which is in its shadow. Stopped at any moment, it stands as before or
/// as after an act; a folder that no state names is a version that nobody uses yet. Every act goes to the audit trail: it is in the state first and told
/// again at the next opening if the trail may not have it (so that the trail may have it twice, with the same number, never not at all). One process. Reading is thread-safe, also while somebody acts: a version's files never
/// change and <see cref="Now"/> is immutable; acts come one at a time.
/// </summary>
public sealed class ModelRegister
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly string _folder;
    private readonly IAuditTrail _audit;
    private readonly TimeProvider _clock;
    private volatile RegisterState _state;

    private ModelRegister(string folder, IAuditTrail audit, TimeProvider clock, RegisterState state) => (_folder, _audit, _clock, _state) = (folder, audit, clock, state);

    /// <summary>The register as it stands; an act puts another in its place.</summary>
    public RegisterState Now => _state;

    /// <summary>Version in use; null = rules and a prior.</summary>
    public string? Active => _state.Active;

    /// <summary>Version whose scores are kept beside and not used, or null.</summary>
    public string? Shadow => _state.Shadow;

    public IReadOnlyList<ModelAct> Acts => _state.Acts;

    /// <summary>Whether something was promoted that can be taken back.</summary>
    public bool CanRollBack => _state.Earlier.Count > 0;

    /// <exception cref="InvalidDataException">The state cannot be read.</exception>
    public static async Task<ModelRegister> OpenAsync(string folder, IAuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var left in Directory.EnumerateDirectories(folder, "*.tmp"))
        {
            // An addition that was stopped; nothing ever named it.
            Directory.Delete(left, recursive: true);
        }

        var path = Path.Combine(folder, "state.json");
        var state = new RegisterState(null, null, [], []);
        if (File.Exists(path))
        {
            try
            {
                state = JsonSerializer.Deserialize<RegisterState>(await File.ReadAllBytesAsync(path, cancellationToken), Json);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path} cannot be read ({e.Message}); bring it back from a backup, or remove it to go on with rules.", e);
            }

            if (state?.Earlier is null || state.Acts is null)
            {
                throw new InvalidDataException($"{path} is incomplete; bring it back from a backup, or remove it to go on with rules.");
            }
        }

        var register = new ModelRegister(folder, audit, clock, state);
        await register.TellAsync(cancellationToken);
        return register;
    }

    /// <summary>Versions there are, oldest first.</summary>
    public IReadOnlyList<string> Versions() =>
        [.. Directory.EnumerateDirectories(_folder).Select(d => Path.GetFileName(d)!).Where(n => n.Length == 4 && n.All(char.IsAsciiDigit)).Order(StringComparer.Ordinal)];

    /// <summary>Adds a model; it is not used until it is promoted.</summary>
    public async Task<ModelEntry> AddAsync(TrainedModel trained, FeatureProfile profile, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var version = (Versions().Select(v => int.Parse(v, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max() + 1).ToString("0000", CultureInfo.InvariantCulture);
        var bytes = ModelFile.Write(trained.Model);
        var entry = new ModelEntry(
            version, _clock.GetUtcNow(), actor, ModelFile.HashOf(bytes), trained.DataHash, trained.From, trained.To, trained.Examples, trained.Confirmed, trained.Held, profile);
        var making = Path.Combine(_folder, version + ".tmp");
        Directory.CreateDirectory(making);
        await WriteAsync(Path.Combine(making, "model.json"), bytes, cancellationToken);
        await WriteAsync(Path.Combine(making, "entry.json"), JsonSerializer.SerializeToUtf8Bytes(entry, Json), cancellationToken);
        await WriteAsync(Path.Combine(making, "card.md"), System.Text.Encoding.UTF8.GetBytes(ModelCardText.Of(entry, trained.Model)), cancellationToken);
        Directory.Move(making, Path.Combine(_folder, version));
        await ActAsync(_state, actor, "add", version, $"data {trained.DataHash}", cancellationToken);
        return entry;
    }

    /// <summary>
    /// Takes up the newest version when a stop came between its files and its acts: it is told as added and put into the shadow. Otherwise it would stand there and
    /// nobody would ever compare it.
    /// </summary>
    public async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        if (Versions() is not [.., var newest] || _state.Acts.Any(a => a.Version == newest && (a.Act is "shadow" or "promote")))
        {
            return;
        }

        var entry = EntryOf(newest);
        if (!_state.Acts.Any(a => a.Version == newest && a.Act == "add"))
        {
            await ActAsync(_state, entry.MadeBy, "add", newest, $"data {entry.DataHash}", cancellationToken);
        }

        await ShadowAsync(newest, entry.MadeBy, $"trained on {entry.Examples} outcomes, taken up after a stop", cancellationToken);
    }

    /// <exception cref="InvalidDataException">There is no such version, or its files are not what was added.</exception>
    public (ModelEntry Entry, ViolationModel Model) Load(string version)
    {
        if (!Versions().Contains(version, StringComparer.Ordinal))
        {
            throw new InvalidDataException($"There is no model {version} in {_folder}.");
        }

        var folder = Path.Combine(_folder, version);
        var file = new FileInfo(Path.Combine(folder, "model.json"));
        if (!file.Exists || file.Length > ModelFile.MaxBytes)
        {
            throw new InvalidDataException($"{file.FullName} is missing or larger than {ModelFile.MaxBytes} bytes; roll back to another version or train again.");
        }

        var entry = EntryOf(version);
        var bytes = File.ReadAllBytes(file.FullName);
        return ModelFile.HashOf(bytes) != entry.FileHash
            ? throw new InvalidDataException($"The file of model {version} is not the one that was added (its hash differs); roll back to another version or train again.")
            : (entry, ModelFile.Read(bytes, ViolationFeatures.Schema));
    }

    /// <summary>What is kept of a version beside its trees.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public ModelEntry EntryOf(string version)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelEntry>(File.ReadAllBytes(Path.Combine(_folder, version, "entry.json")), Json)
                ?? throw new InvalidDataException($"The entry of model {version} is empty; roll back to another version or train again.");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new InvalidDataException($"The entry of model {version} cannot be read ({e.Message}); roll back to another version or train again.", e);
        }
    }

    /// <summary>Scores of this version are kept beside those in use, from now on; null ends it.</summary>
    public Task ShadowAsync(string? version, string actor, string reason, CancellationToken cancellationToken)
    {
        Need(version);
        return ActAsync(_state with { Shadow = version }, actor, "shadow", version, reason, cancellationToken);
    }

    /// <summary>Uses a version from now on, when it was compared and found better.</summary>
    /// <exception cref="InvalidOperationException">The comparison does not say so.</exception>
    public Task PromoteAsync(string version, Comparison comparison, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        Need(version);
        if (!comparison.Promotes)
        {
            throw new InvalidOperationException($"Model {version} is not promoted: {comparison.Reason}");
        }

        IReadOnlyList<string> earlier = [.. _state.Earlier, _state.Active ?? ""];
        return ActAsync(
            _state with { Active = version, Shadow = _state.Shadow == version ? null : _state.Shadow, Earlier = earlier }, actor, "promote", version, comparison.Reason, cancellationToken);
    }

    /// <summary>Uses again what was used before the last promotion; before the first, that is the rules.</summary>
    /// <exception cref="InvalidOperationException">Nothing was used before.</exception>
    public Task RollBackAsync(string actor, string reason, CancellationToken cancellationToken)
    {
        if (_state.Earlier.Count == 0)
        {
            throw new InvalidOperationException("Nothing was promoted, so there is nothing to roll back to.");
        }

        var before = _state.Earlier[^1].Length == 0 ? null : _state.Earlier[^1];
        return ActAsync(_state with { Active = before, Earlier = [.. _state.Earlier.Take(_state.Earlier.Count - 1)] }, actor, "roll-back", before, reason, cancellationToken);
    }

    private void Need(string? version)
    {
        if (version is not null)
        {
            // What cannot be loaded is not put to use.
            Load(version);
        }
    }

    private async Task ActAsync(RegisterState state, string actor, string act, string? version, string reason, CancellationToken cancellationToken)
    {
        var made = new ModelAct(state.Acts.Count + 1, _clock.GetUtcNow(), actor, act, version, reason, Audited: false);
        await SaveAsync(state with { Acts = [.. state.Acts, made] }, cancellationToken);
        await TellAsync(cancellationToken);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_state.Acts.All(a => a.Audited))
        {
            return;
        }

        foreach (var act in _state.Acts.Where(a => !a.Audited))
        {
            var details = JsonSerializer.Serialize(
                new SortedDictionary<string, object?>(StringComparer.Ordinal) { ["number"] = act.Number, ["reason"] = act.Reason, ["version"] = act.Version });
            await _audit.AppendAsync(new AuditEntry(act.At, act.Actor, $"model.{act.Act}", "model:violation", details), cancellationToken);
        }

        await SaveAsync(_state with { Acts = [.. _state.Acts.Select(a => a with { Audited = true })] }, cancellationToken);
    }

    private async Task SaveAsync(RegisterState state, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, "state.json");
        await WriteAsync(path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(state, Json), cancellationToken);
        File.Move(path + ".tmp", path, overwrite: true);
        _state = state;
    }

    private static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        await file.WriteAsync(bytes, cancellationToken);
        file.Flush(flushToDisk: true);
    }
}
