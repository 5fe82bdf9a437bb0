using System.Globalization;
using System.Text.RegularExpressions;
using MQTTnet;
using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>
/// A kill leaves the page cache alive, so it cannot show that data reached the disk. The system calls can: between reading a PUBLISH
/// and writing its PUBACK there is a finished fsync of the observations' log.
/// </summary>
public sealed partial class TracedAckTests
{
    private const int Messages = 40;

    [Fact]
    public async Task PubAck_EachOne_FollowsTheFsyncThatCoversItsMessage()
    {
        const string Strace = "/usr/bin/strace";
        Assert.SkipUnless(File.Exists(Strace), "strace is not installed.");
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TempDirectory();
        var trace = Path.Combine(folder.Path, "trace.txt");
        var data = Path.Combine(folder.Path, "data");
        Directory.CreateDirectory(data);
        var secret = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        await KillTests.ImportAsync(data, [("traced", secret)], cancellationToken);
        await using (var service = await ServiceProcess.StartAsync(data, cancellationToken,
            Strace, "-f", "-qq", "-y", "-xx", "-s", "8", "-e", "trace=fsync,fdatasync,recvmsg,recvfrom,read,sendmsg,sendto,write", "-o", trace))
        {
            var script = new DeviceScript("traced", secret, ScriptedMessage.NoisyDay("traced", new DateTimeOffset(2026, 10, 12, 0, 0, 0, TimeSpan.Zero), 1)[..Messages], window: 1);
            (await script.SendAsync(service.MqttPort, cancellationToken)).ShouldBeTrue(service.Output);
            await service.KillAsync();
        }

        var (publishes, acks, uncovered) = Check(File.ReadLines(trace));
        publishes.ShouldBe(Messages);
        acks.ShouldBe(Messages);
        uncovered.ShouldBeEmpty();
        LongProofs.Record("traced acknowledgement", $"{Messages} messages, one in flight, every system call of the service traced", "each PUBACK written after an fsync that began after its PUBLISH was read");
    }

    [Fact]
    public void Check_AckBeforeTheFsyncEnds_IsFound()
    {
        string[] lines =
        [
            """11 recvmsg(60<socket:[1]>, {msg_iov=[{iov_base="\x32\x20\x00\x10\x64\x65\x76\x69"...}]}, 0) = 34""",
            """12 fdatasync(40</d/observations.duckdb.wal> <unfinished ...>""",
            """11 sendmsg(60<socket:[1]>, {msg_iov=[{iov_base="\x40\x02\x00\x01", iov_len=4}]}, 0) = 4""",
            """12 <... fdatasync resumed>) = 0""",
        ];
        Check(lines).Uncovered.Count.ShouldBe(1);
    }

    [Fact]
    public void Check_FsyncThatBeganBeforeTheMessage_DoesNotCoverIt()
    {
        string[] lines =
        [
            """12 fdatasync(40</d/observations.duckdb.wal> <unfinished ...>""",
            """11 recvmsg(60<socket:[1]>, {msg_iov=[{iov_base="\x32\x20\x00\x10\x64\x65\x76\x69"...}]}, 0) = 34""",
            """12 <... fdatasync resumed>) = 0""",
            """11 sendmsg(60<socket:[1]>, {msg_iov=[{iov_base="\x40\x02\x00\x01", iov_len=4}]}, 0) = 4""",
        ];
        Check(lines).Uncovered.Count.ShouldBe(1);
    }

    /// <summary>With one message in flight at a time, every PUBACK needs an fsync that began after its PUBLISH was read and has ended.</summary>
    private static (int Publishes, int Acks, List<string> Uncovered) Check(IEnumerable<string> lines)
    {
        var (publishes, acks) = (0, 0);
        var uncovered = new List<string>();
        var number = 0;
        var publishAt = -1;
        var coveredSince = -1;
        var reading = new Dictionary<string, string>(StringComparer.Ordinal);
        var begun = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var raw in lines)
        {
            // -xx writes names in hexadecimal too; only what lies between angle brackets is a name.
            var line = Name().Replace(raw, name => HexByte().Replace(name.Value, b => ((char)Convert.ToByte(b.Groups[1].Value, 16)).ToString()));
            number++;
            var thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            // A read that was interrupted shows its bytes only where it is resumed.
            if (ReadBegins().IsMatch(line))
            {
                reading[thread] = line;
                continue;
            }

            if (ReadEnds().IsMatch(line) && reading.Remove(thread, out var start))
            {
                line = start + line;
            }

            if (Publish().IsMatch(line))
            {
                publishes++;
                publishAt = number;
            }
            else if (PubAck().IsMatch(line))
            {
                acks++;
                if (coveredSince < publishAt)
                {
                    uncovered.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}: {line}"));
                }
            }
            else if (SyncWhole().IsMatch(line))
            {
                coveredSince = number;
            }
            else if (SyncBegins().IsMatch(line))
            {
                begun[thread] = number;
            }
            else if (SyncEnds().IsMatch(line) && begun.Remove(thread, out var since))
            {
                coveredSince = Math.Max(coveredSince, since);
            }
        }

        return (publishes, acks, uncovered);
    }

    [GeneratedRegex(@"<[^>]*>")]
    private static partial Regex Name();

    [GeneratedRegex(@"\\x([0-9a-f]{2})")]
    private static partial Regex HexByte();

    [GeneratedRegex(@" (recvmsg|recvfrom|read)\(.*<unfinished \.\.\.>$")]
    private static partial Regex ReadBegins();

    [GeneratedRegex(@"<\.\.\. (recvmsg|recvfrom|read) resumed>")]
    private static partial Regex ReadEnds();

    // QoS 1 PUBLISH whose remaining length takes two bytes; topic length and "dev" follow.
    [GeneratedRegex(@"(recvmsg|recvfrom|read)\b.*(socket|TCP).*""\\x32(\\x[0-9a-f]{2}){1,3}\\x00\\x[0-9a-f]{2}\\x64")]
    private static partial Regex Publish();

    [GeneratedRegex(@"(sendmsg|sendto|write)\(\d+<[^>]*(socket|TCP).*""\\x40\\x0[23]\\x")]
    private static partial Regex PubAck();

    [GeneratedRegex(@"\bf(data)?sync\([^)]*observations\.duckdb[^)]*\)\s*= 0")]
    private static partial Regex SyncWhole();

    [GeneratedRegex(@"\bf(data)?sync\([^)]*observations\.duckdb.*unfinished")]
    private static partial Regex SyncBegins();

    [GeneratedRegex(@"<\.\.\. f(data)?sync resumed>\)\s*= 0")]
    private static partial Regex SyncEnds();
}
