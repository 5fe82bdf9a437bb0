using Microsoft.Testing.Platform.Builder;
using Monitoring.Storage.Tests.Child;
using Xunit.Runner.InProc.SystemConsole;

namespace Monitoring.Storage.Tests;

/// <summary>The test program; with a first argument of its own it is the child that crash tests start and kill, or prints figures.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [WriterChild.Mode, .. var rest] => await WriterChild.RunAsync(rest),
        [RegisterChild.Mode, .. var rest] => await RegisterChild.RunAsync(rest),
        [Figures.Mode, .. var rest] => await Figures.RunAsync(rest),
        _ when args.Contains("-automated") || args.Contains("@@") => await ConsoleRunner.Run(args),
        _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
