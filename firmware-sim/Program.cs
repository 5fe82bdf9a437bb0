using Monitoring.FirmwareSim.Commands;

return await new CommandLine(TimeProvider.System, Console.Out, Console.Error).RunAsync(args);
