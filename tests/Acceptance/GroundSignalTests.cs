using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Alerts;
using Monitoring.FirmwareSim.Devices;
using Monitoring.FirmwareSim.World;
using Monitoring.Host;
using Monitoring.Ingest.Replay;

namespace Monitoring.Acceptance;

/// <summary>
/// The devices' buffers of the last two days, through the pipeline: activity on the unapproved sites is warned of; farm traffic, pumps, a
/// dust storm and lawful sites are not.
/// </summary>
public sealed class GroundSignalTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(CountySize.County, 7)]
    [InlineData(CountySize.Small, 3)]
    public async Task County_TwoDaysOfSignals_WarnOfUnapprovedSitesOnly(CountySize size, long seed)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var run = await CountyRun.StartAsync(size, seed, stop);
        var file = Path.Combine(run.Folder, "buffer.jsonl");
        await File.WriteAllLinesAsync(file, Lines(run.County, run.Now.AddHours(-40), run.Now), stop);
        var summary = await run.Services.GetRequiredService<ReplayDoor>().ReplayAsync(file, stop);
        summary.Problems.ShouldBeEmpty();
        summary.NotTaken.ShouldBe(0);
        await run.Services.GetRequiredService<CaughtUp>().WaitAsync(stop);

        var unlawful = run.County.Sites.Where(s => !s.Lawful).Select(s => s.Id).ToHashSet();
        var wanted = run.County.Devices.Where(d => d.SiteId is { } site && unlawful.Contains(site)).Select(d => d.ThingId).Distinct().Order().ToList();
        var warned = (await run.Services.GetRequiredService<IAlertStore>().QueryAsync(new AlertQuestion { RuleId = "site-activity-without-approval", Limit = 100 }, stop))
            .Where(a => a.FiredAt is not null).ToList();
        foreach (var alert in warned)
        {
            output.WriteLine($"{alert.Subject} {alert.State} {alert.Verdict}: {string.Join(", ", alert.Reasons.Select(r => r.Code))}");
        }

        wanted.ShouldNotBeEmpty("the county has unapproved sites with devices");
        warned.Select(a => a.Subject.Id).Order().ShouldBe(wanted);
        // It means building, not a dust limit.
        warned.ShouldAllBe(a => a.Reasons.Any(r => r.Code == "truck-passes" || r.Code == "camera-event" || r.Code == "power-draw"));
    }

    /// <summary>Ten minutes of a device in a message.</summary>
    private static IEnumerable<string> Lines(County county, DateTimeOffset from, DateTimeOffset until)
    {
        foreach (var device in county.Devices)
        {
            var signals = new DeviceSignals(county.Options.Seed, device, county.Options.Today);
            var sequence = 0L;
            for (var at = from; at < until; at = at.AddMinutes(10))
            {
                var observations = signals.Between(at, at.AddMinutes(10) < until ? at.AddMinutes(10) : until);
                if (observations.Count == 0)
                {
                    continue;
                }

                var body = observations.Select(o => string.Create(CultureInfo.InvariantCulture,
                    $$"""{"datastream":"{{o.Datastream}}","time":"{{o.Time:yyyy-MM-ddTHH:mm:ss.fffzzz}}","result":{{(o.Text is { } text ? JsonSerializer.Serialize(text) : o.Number!.Value.ToString("R", CultureInfo.InvariantCulture))}}}"""));
                yield return new StringBuilder($$"""{"topic":"devices/{{device.Id}}/obs","payload":{"seq":{{++sequence}},"observations":[""").AppendJoin(',', body).Append("]}}").ToString();
            }
        }
    }
}
