using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Monitoring.Dashboard.Tests")]
