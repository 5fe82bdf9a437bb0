using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IDeviceRegister"/> promises.</summary>
public abstract class DeviceRegisterContract : StoreContract
{
    private static readonly Thing Site = new("t1", "工地一", "Site one", 120.5, 30.25, "330100");
    private static readonly Device Node = new("d1", "t1", "1.2", "salted");

    [Fact]
    public async Task Import_ThingsDevicesDatastreams_AreFoundAfterReopening()
    {
        var streams = new[] { An.Datastream(name: "noise", intervalSeconds: 1.5, aggregation: Aggregation.EnergyMean), An.Datastream(name: "truck", intervalSeconds: null, aggregation: Aggregation.Sum) };
        await ImportAsync([Site], [Node, new Device("d0", "t1", null, "x", Enabled: false)], streams);
        await Stores.ReopenAsync();

        var found = (await Stores.Devices.FindAsync("d1", Cancellation)).ShouldNotBeNull();
        found.Device.ShouldBe(Node);
        found.Thing.ShouldBe(Site);
        found.Datastreams.ShouldBe(streams);
        (await Stores.Devices.AllAsync(Cancellation)).Select(d => (d.Device.Id, d.Device.Enabled, d.Datastreams.Count)).ShouldBe([("d0", false, 0), ("d1", true, 2)]);
        (await Stores.Devices.FindAsync("nobody", Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Import_Again_ReplacesWhatItNamesAndAudits()
    {
        await ImportAsync([Site], [Node], [An.Datastream()]);
        await ImportAsync([], [Node with { Firmware = "1.3" }], [An.Datastream(name: "tilt")]);

        var found = (await Stores.Devices.FindAsync("d1", Cancellation)).ShouldNotBeNull();
        found.Device.Firmware.ShouldBe("1.3");
        found.Datastreams.Select(d => d.Name).ShouldBe(["pm10", "tilt"]);
        Stores.Bus.Of<DevicesChanged>().Count().ShouldBe(2);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Select(e => (e.Entry.Action, e.Entry.Subject)).ShouldBe(
            [("devices.import", "devices.json"), ("devices.import", "devices.json")]);
    }

    [Fact]
    public async Task Import_DevicesShutOutAndSecretsChanged_AreNamedInTheAudit()
    {
        await ImportAsync([Site], [Node, Node with { Id = "d2" }], []);
        await ImportAsync([], [Node with { Enabled = false }, Node with { Id = "d2", SecretHash = "other" }], []);
        await ImportAsync([], [Node], []);

        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Select(e => e.Entry.Details).ShouldBe(
        [
            """{"added":"d1,d2","datastreams":0,"devices":2,"things":1,"version":1}""",
            """{"datastreams":0,"devices":2,"disabled":"d1","secretsChanged":"d2","things":0,"version":2}""",
            """{"datastreams":0,"devices":1,"enabled":"d1","things":0,"version":3}""",
        ]);
    }

    [Fact]
    public async Task Import_DeviceOfUnknownThing_IsRefusedWhole()
    {
        await Should.ThrowAsync<ArgumentException>(() => ImportAsync([], [Node], []));

        (await Stores.Devices.AllAsync(Cancellation)).ShouldBeEmpty();
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldBeEmpty();
        Stores.Bus.Published.ShouldBeEmpty();
    }

    private Task ImportAsync(IReadOnlyList<Thing> things, IReadOnlyList<Device> devices, IReadOnlyList<Datastream> datastreams) =>
        Stores.Devices.ImportAsync(new DeviceImport(things, devices, datastreams, "tester", "devices.json"), Cancellation);
}
