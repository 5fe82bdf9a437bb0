namespace Monitoring.TestKit;

/// <summary>How much work the long proofs do: little in <c>./test</c>, much in <c>./test --long</c> (<c>MONITORING_LONG=1</c>).</summary>
public static class Effort
{
    public static bool Full { get; } = Environment.GetEnvironmentVariable("MONITORING_LONG") == "1";

    /// <summary>So many random cases or rounds; twenty times as many in the long form.</summary>
    public static int Cases(int few) => Full ? few * 20 : few;
}
