using System.CommandLine;
using Monitoring.Host;
using Monitoring.Host.Commands;

var root = new RootCommand("Real-time monitoring for territorial spatial planning: what is built, against what was approved.")
{
    ServeCommand.Create(),
    DetectCommand.Create(),
    ImportCommand.Create(),
    MapCommand.Create(),
    ExportCommand.Create(),
    ScenesCommand.Create(),
    RedetectCommand.Create(),
    ReplayCommand.Create(),
    VerifyAuditCommand.Create(),
    ResetPasswordCommand.Create(),
};

return await CommandRunner.RunAsync(root, args);
