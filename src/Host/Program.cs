using System.CommandLine;
using Monitoring.Gdal;
using Monitoring.Host;
using Monitoring.Host.Commands;

// The library and its hundred others take longer to load than the command line to understand. Who needs it says so when it is not there.
var gdal = args is ["detect", ..]
    ? Task.Factory.StartNew(GdalLibrary.Initialize, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
    : Task.CompletedTask;

var root = new RootCommand("Real-time monitoring for territorial spatial planning: what is built, against what was approved.")
{
    ServeCommand.Create(),
    DetectCommand.Create(),
    ImportCommand.Create(),
    MapCommand.Create(),
    ExportCommand.Create(),
    CheckCommand.Create(),
    ScenesCommand.Create(),
    RedetectCommand.Create(),
    ModelCommand.Create(),
    ReplayCommand.Create(),
    VerifyAuditCommand.Create(),
    ResetPasswordCommand.Create(),
};

var code = await CommandRunner.RunAsync(root, args);

// A process that ends while its libraries are still being loaded dies of it.
await gdal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return code;
