namespace Monitoring.TestKit;

/// <summary>
/// What the long proofs did, a row each, for the table that <c>./test --long</c> leaves under <c>bench/results</c>. Records nothing
/// unless <c>MONITORING_PROOFS</c> names a folder. Thread-safe: every proof has a file of its own.
/// </summary>
public static class LongProofs
{
    /// <param name="proof">Name of the proof, unique among all; also orders the table.</param>
    /// <param name="done">What was done, with its figures.</param>
    /// <param name="seen">What was seen. A proof that failed records nothing: the run itself is red then.</param>
    public static void Record(string proof, string done, string seen)
    {
        if (Environment.GetEnvironmentVariable("MONITORING_PROOFS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, proof + ".row"), $"| {proof} | {done} | {seen} |\n");
        }
    }
}
