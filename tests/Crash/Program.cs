using Microsoft.Testing.Platform.Builder;
using Xunit.Runner.InProc.SystemConsole;

namespace Monitoring.Crash;

/// <summary>The test program; with a first argument of its own it is the child that is killed.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [LearningChild.Mode, .. var rest] => await LearningChild.RunAsync(rest),
        _ when args.Contains("-automated") || args.Contains("@@") => await ConsoleRunner.Run(args),
        _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
