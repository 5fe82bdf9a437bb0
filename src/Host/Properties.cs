using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Monitoring.Acceptance")]
[assembly: InternalsVisibleTo("Monitoring.Crash")]
[assembly: InternalsVisibleTo("Monitoring.Host.Tests")]
