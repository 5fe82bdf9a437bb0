using Monitoring.FirmwareSim.Chance;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>
/// When a device has no network, and which acknowledgements never reach it: pure functions of (seed, device, time or sequence).
/// </summary>
public sealed class LinkPlan
{
    private static readonly long Slot = TimeSpan.FromMinutes(20).Ticks;
    private readonly Dice _dice;
    private readonly double _outages;
    private readonly double _lostAcks;

    /// <param name="seed">The county's seed.</param>
    /// <param name="deviceId">The device.</param>
    /// <param name="outageShare">Share of the twenty-minute slots that hold one outage of 30 s to 6 min. Range 0 to 1, default 0.12.</param>
    /// <param name="lostAckShare">Share of messages whose first acknowledgement is lost. Range 0 to 1, default 0.01.</param>
    public LinkPlan(long seed, string deviceId, double outageShare = 0.12, double lostAckShare = 0.01)
    {
        _dice = Dice.FromSeed(seed).For("link").For(deviceId);
        _outages = outageShare;
        _lostAcks = lostAckShare;
    }

    /// <summary>The end of the outage that holds at a time; null when the network is there.</summary>
    public DateTimeOffset? OutageUntil(DateTimeOffset time)
    {
        var slot = time.UtcTicks / Slot;
        var d = _dice.For(slot);
        if (!d.Happens(_outages, 0)) return null;
        var start = slot * Slot + (long)(Slot * d.Between(0.05, 0.65, 1));
        var end = start + TimeSpan.FromSeconds(d.Between(30, 360, 2)).Ticks;
        return time.UtcTicks >= start && time.UtcTicks < end ? new DateTimeOffset(end, TimeSpan.Zero) : null;
    }

    /// <summary>Whether the first acknowledgement of a message is lost on the way, so that the message will be sent twice.</summary>
    public bool LosesFirstAck(long sequence) => _dice.For("ack").Happens(_lostAcks, sequence);
}
