using System.Numerics;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Slows down guessing without giving anybody the power to shut another out. Failures count for a name together with the address they
/// come from: after a few, that pair waits 1 s, 2 s, 4 s … up to the longest wait, and nobody else does. Many failures of one name from
/// addresses that its person never signed in from make such addresses wait; the person's own addresses do not. Names that nobody has are
/// counted like names that somebody has, so that the answers do not tell which is which. Thread-safe; bounded in entries.
/// </summary>
internal sealed class SignInGate(DashboardOptions options, TimeProvider clock)
{
    /// <summary>Failures of one name from unknown addresses within <see cref="Memory"/>, as a multiple of the failures of one pair, after which unknown addresses wait.</summary>
    public const int StrangersFactor = 10;

    /// <summary>Entries of each table; beyond, the ones longest not used go.</summary>
    public const int MostEntries = 20_000;

    /// <summary>How long a failure counts when none follows.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Name, string Address), Tally> pairs = [];
    private readonly Dictionary<string, Tally> strangers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tally> unknownNames = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes an attempt, counting it as failed until <see cref="Succeeded"/> says otherwise, so that attempts side by side count too.
    /// </summary>
    /// <param name="name">Normalised user name.</param>
    /// <param name="address">See <see cref="Addresses.KeyOf"/>.</param>
    /// <param name="known">The person has signed in from this address before.</param>
    /// <returns>Null when it may be tried, else how long to wait; then it does not count.</returns>
    public TimeSpan? Enter(string name, string address, bool known)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var pair = Of(pairs, (name, address), now);
            var wide = known ? null : Of(strangers, name, now);
            var until = wide is not null && wide.Until > pair.Until ? wide.Until : pair.Until;
            if (until > now)
            {
                pair.Refused++;
                return until - now;
            }

            pair.Failures++;
            pair.Last = now;
            if (pair.Failures >= options.FailuresBeforeWait)
            {
                var doublings = Math.Min(pair.Failures - options.FailuresBeforeWait, 30);
                pair.Until = now + Least(TimeSpan.FromSeconds(1L << doublings), options.LongestWait);
            }

            if (wide is not null)
            {
                wide.Failures++;
                wide.Last = now;
                if (wide.Failures >= options.FailuresBeforeWait * StrangersFactor)
                {
                    wide.Until = now + options.LongestWait;
                }
            }

            return null;
        }
    }

    /// <summary>The password was right: nothing is held against the pair.</summary>
    public void Succeeded(string name, string address)
    {
        lock (gate)
        {
            pairs.Remove((name, address));
            if (strangers.TryGetValue(name, out var wide) && wide.Failures > 0)
            {
                // The attempt itself; those of others stay.
                wide.Failures--;
            }
        }
    }

    /// <summary>The person has a new password from an administrator: all begins anew.</summary>
    public void Forget(string name)
    {
        lock (gate)
        {
            strangers.Remove(name);
            foreach (var pair in pairs.Keys.Where(p => p.Name == name).ToList())
            {
                pairs.Remove(pair);
            }
        }
    }

    /// <summary>
    /// What the audit trail is to say of the failure that <see cref="Enter"/> just took: the first ones each, later ones at every doubling,
    /// so that nobody without a password can fill the trail. Names that nobody has are summed up by address.
    /// </summary>
    /// <returns>Failures in a row and attempts refused meanwhile, or null when nothing is to be written.</returns>
    public (int Failures, int Refused)? ToTell(string name, string address, bool exists)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var pair = Of(pairs, (name, address), now);
            var tally = pair;
            if (!exists)
            {
                tally = Of(unknownNames, address, now);
                tally.Failures++;
                tally.Last = now;
            }

            if (tally.Failures > options.FailuresBeforeWait && !BitOperations.IsPow2(tally.Failures))
            {
                return null;
            }

            var refused = pair.Refused;
            pair.Refused = 0;
            return (tally.Failures, refused);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static Tally Of<TKey>(Dictionary<TKey, Tally> tallies, TKey key, DateTimeOffset now)
        where TKey : notnull
    {
        if (tallies.TryGetValue(key, out var known))
        {
            if (now - known.Last <= Memory)
            {
                return known;
            }

            tallies.Remove(key);
        }

        if (tallies.Count >= MostEntries)
        {
            foreach (var old in tallies.OrderBy(static t => t.Value.Last).Take(MostEntries / 10).Select(static t => t.Key).ToList())
            {
                tallies.Remove(old);
            }
        }

        return tallies[key] = new Tally { Last = now };
    }

    private sealed class Tally
    {
        public int Failures { get; set; }

        public int Refused { get; set; }

        public DateTimeOffset Last { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
