using System.Text;
using CsCheck;
using Monitoring.FirmwareSim.Devices;

namespace Monitoring.FirmwareSim.Tests;

public sealed class OfflineBufferTests
{
    private static readonly DateTimeOffset Start = new(2026, 4, 30, 8, 0, 0, TimeSpan.FromHours(8));

    private static byte[] Body(long sequence) => Encoding.UTF8.GetBytes($"{{\"seq\":{sequence}}}");

    [Fact]
    public void Append_AnyHistory_BalancesAndKeepsOrder()
    {
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 9].Array[0, 60]).Sample((capacity, acts) =>
        {
            using var buffer = new OfflineBuffer(capacity);
            foreach (var act in acts)
                if (act < 6) buffer.Append(Body, Start);
                else buffer.Acknowledge(buffer.Peek(3).Select(m => m.Sequence).DefaultIfEmpty(0).Last());
            buffer.Appended.ShouldBe(buffer.Acknowledged + buffer.Lost + buffer.Count);
            buffer.Count.ShouldBeLessThanOrEqualTo(capacity);
            var waiting = buffer.Peek(100).Select(m => m.Sequence).ToList();
            waiting.ShouldBe(waiting.Order());
            buffer.NextSequence.ShouldBe(buffer.Appended + 1);
        });
    }

    [Fact]
    public void Append_WhenFull_LosesTheOldestAndCountsIt()
    {
        using var buffer = new OfflineBuffer(2);
        for (var i = 0; i < 3; i++) buffer.Append(Body, Start);
        buffer.Peek(9).Select(m => m.Sequence).ShouldBe([2, 3]);
        buffer.Lost.ShouldBe(1);
        buffer.Acknowledge(1).ShouldBeFalse();
    }

    [Fact]
    public void File_KilledProcess_GoesOnWithWhatWaited()
    {
        using var folder = new Counties.Folder();
        var killed = new OfflineBuffer(100, folder["a"]);
        for (var i = 1; i <= 5; i++) killed.Append(Body, Start.AddMinutes(i));
        killed.Acknowledge(1);
        killed.Acknowledge(3);
        // Not disposed: the process is gone. Its last write is torn.
        File.Copy(folder["a"], folder["b"]);
        File.AppendAllText(folder["b"], "+ 6 2026-04-30T08:0");
        using var next = new OfflineBuffer(100, folder["b"]);
        next.Peek(9).Select(m => Encoding.UTF8.GetString(m.Payload)).ShouldBe(["{\"seq\":2}", "{\"seq\":4}", "{\"seq\":5}"]);
        next.NextSequence.ShouldBe(6);
        next.ProducedThrough.ShouldBe(Start.AddMinutes(5));
        killed.Dispose();
    }

    [Fact]
    public void File_CleanStop_KeepsSequenceAndTimeOfAnEmptyBuffer()
    {
        using var folder = new Counties.Folder();
        using (var first = new OfflineBuffer(100, folder["a"]))
        {
            first.Append(Body, Start);
            first.Acknowledge(1);
            first.Pass(Start.AddHours(1));
        }

        using var second = new OfflineBuffer(100, folder["a"]);
        second.Count.ShouldBe(0);
        second.NextSequence.ShouldBe(2);
        second.ProducedThrough.ShouldBe(Start.AddHours(1));
    }

    [Fact]
    public void File_ManyAcknowledgements_StaysSmall()
    {
        using var folder = new Counties.Folder();
        using var buffer = new OfflineBuffer(10, folder["a"]);
        for (var i = 1; i <= 5000; i++)
        {
            buffer.Append(Body, Start);
            buffer.Acknowledge(i);
        }

        new FileInfo(folder["a"]).Length.ShouldBeLessThan(100_000);
    }
}
