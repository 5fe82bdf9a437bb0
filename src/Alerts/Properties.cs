using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Monitoring.Alerts.Tests")]
