using Microsoft.Extensions.Time.Testing;
using Monitoring.Dashboard.People;

namespace Monitoring.Dashboard.Tests;

/// <summary>Guessing is slowed down; nobody can shut out another.</summary>
public sealed class SignInGateTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SignInGate gate;

    public SignInGateTests() => gate = new SignInGate(
        new DashboardOptions { PeopleDatabase = "", KeysFolder = "", UploadsFolder = "", FailuresBeforeWait = 5, LongestWait = TimeSpan.FromMinutes(5) }, clock);

    [Fact]
    public void Enter_FailingOnAndOn_WaitsTwiceAsLongEachTimeUpToTheLongest()
    {
        var waits = new List<double>();
        for (var i = 0; i < 16; i++)
        {
            gate.Enter("LI", "192.0.2.1", true).ShouldBeNull();
            var wait = gate.Enter("LI", "192.0.2.1", true);
            if (wait is null)
            {
                // That was a second try of the free ones.
                i++;
                continue;
            }

            waits.Add(wait.Value.TotalSeconds);
            clock.Advance(wait.Value);
        }

        waits[..4].ShouldBe([1, 2, 4, 8], 1e-9);
        waits[^1].ShouldBe(300, 1e-9);
    }

    [Fact]
    public void Enter_StrangerFailing_LeavesThePersonInFromElsewhere()
    {
        for (var i = 0; i < 5; i++)
        {
            gate.Enter("LI", "198.51.100.9", false);
        }

        gate.Enter("LI", "198.51.100.9", false).ShouldNotBeNull();
        gate.Enter("LI", "192.0.2.1", false).ShouldBeNull();
    }

    [Fact]
    public void Enter_ManyStrangersFailing_WaitTogetherAndThePersonsOwnAddressDoesNot()
    {
        for (var i = 0; i < 5 * SignInGate.StrangersFactor; i++)
        {
            gate.Enter("LI", $"198.51.100.{i}", false).ShouldBeNull();
        }

        gate.Enter("LI", "203.0.113.1", false).ShouldBe(TimeSpan.FromMinutes(5));
        gate.Enter("LI", "192.0.2.1", true).ShouldBeNull();
        gate.Enter("WANG", "203.0.113.1", false).ShouldBeNull();
    }

    [Fact]
    public void Enter_SideBySide_CountBeforeTheyAreChecked()
    {
        for (var i = 0; i < 5; i++)
        {
            gate.Enter("LI", "192.0.2.1", true).ShouldBeNull();
        }

        gate.Enter("LI", "192.0.2.1", true).ShouldNotBeNull();
    }

    [Fact]
    public void Succeeded_AfterFailures_BeginsAnew()
    {
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                gate.Enter("LI", "192.0.2.1", true).ShouldBeNull();
            }

            gate.Succeeded("LI", "192.0.2.1");
        }
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("::1", "::1")]
    public void KeyOf_Address_IsWhatOneHolderHas(string address, string key) => Addresses.KeyOf(System.Net.IPAddress.Parse(address)).ShouldBe(key);
}
