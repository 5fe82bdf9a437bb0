using System.CommandLine;
using Monitoring.Host;
using Monitoring.Host.Commands;

var root = new RootCommand("Real-time monitoring for territorial spatial planning: what is built, against what was approved.")
{
    VerifyAuditCommand.Create(),
};

return await CommandRunner.RunAsync(root, args);
