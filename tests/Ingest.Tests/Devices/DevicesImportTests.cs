using System.Text;
using System.Text.Json.Nodes;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Devices;

public sealed class DevicesImportTests
{
    private const string Good = """
        {"things":[{"id":"t1","name":"工地一","name_en":"Site 1","lon":119.92,"lat":32.46,"region":"321202"}],
         "devices":[{"id":"d1","thing":"t1","secret":"k7Qe-long-enough","firmware":"1.4.2","datastreams":[
          {"name":"noise","property":"noise_laeq","unit":"dB(A)","interval_s":60,"aggregation":"energy_mean"},
          {"name":"dust","property":"pm10","unit":"µg/m³","interval_s":60,"aggregation":"mean"},
          {"name":"camera","property":"camera_event","interval_s":null},
          {"name":"level","property":"water_level","unit":"m","interval_s":300,"aggregation":"max"}]}]}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_OfAGoodFile_StoresHashesAndTells()
    {
        using var folder = new TempFolder();
        var register = new MemoryDevices();
        var result = await new DevicesImport(register).ImportAsync(folder.Write("devices.json", Good), "me", Cancel);

        result.Problems.ShouldBeEmpty();
        result.Features.ShouldBe(1);
        var import = register.Imports.ShouldHaveSingleItem();
        import.Things.ShouldBe([new Thing("t1", "工地一", "Site 1", 119.92, 32.46, "321202")]);
        import.Datastreams.ShouldBe(
        [
            new Datastream("d1", "t1", "noise", "noise_laeq", "dB(A)", TimeSpan.FromMinutes(1), Aggregation.EnergyMean),
            new Datastream("d1", "t1", "dust", "pm10", "ug/m3", TimeSpan.FromMinutes(1), Aggregation.Mean),
            new Datastream("d1", "t1", "camera", "camera_event", "1", null, Aggregation.None),
            new Datastream("d1", "t1", "level", "water_level", "m", TimeSpan.FromMinutes(5), Aggregation.Max),
        ]);
        var hash = import.Devices.Single().SecretHash;
        hash.ShouldNotContain("k7Qe");
        DeviceSecret.Verify(Encoding.UTF8.GetBytes("k7Qe-long-enough"), hash).ShouldBeTrue();
        DeviceSecret.Verify(Encoding.UTF8.GetBytes("k7Qe-long-enougH"), hash).ShouldBeFalse();
    }

    [Fact]
    public async Task Import_Again_KeepsTheHashOfAnUnchangedSecret()
    {
        using var folder = new TempFolder();
        var register = new MemoryDevices();
        var old = register.Add("d1", "k7Qe-long-enough").Device.SecretHash;
        var import = new DevicesImport(register);
        await import.ImportAsync(folder.Write("devices.json", Good), "me", Cancel);
        register.Imports[0].Devices.Single().SecretHash.ShouldBe(old);
        await import.ImportAsync(folder.Write("devices.json", Good.Replace("k7Qe", "k8Qe", StringComparison.Ordinal)), "me", Cancel);
        register.Imports[1].Devices.Single().SecretHash.ShouldNotBe(old);
        await import.ImportAsync(folder.Write("devices.json", Good.Replace("\"secret\":\"k7Qe-long-enough\",", "", StringComparison.Ordinal)), "me", Cancel);
        register.Imports[2].Devices.Single().SecretHash.ShouldBe(old);
    }

    [Theory]
    [InlineData("nothing said, new", null, null, true)]
    [InlineData("nothing said, enabled", true, null, true)]
    [InlineData("nothing said, disabled", false, null, false)]
    [InlineData("shut out", true, false, false)]
    [InlineData("let in again", false, true, true)]
    [InlineData("new and shut out", null, false, false)]
    public async Task Import_Enabled_IsAsTheFileSaysOrAsItWas(string row, bool? before, bool? stated, bool after)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var register = new MemoryDevices();
        if (before is { } was)
            register.Add("d1", "k7Qe-long-enough", was);
        var file = JsonNode.Parse(Good)!;
        if (stated is { } says)
            file["devices"]![0]!["enabled"] = says;
        await new DevicesImport(register).ImportAsync(folder.Write("devices.json", file.ToJsonString()), "me", Cancel);
        register.Imports.ShouldHaveSingleItem().Devices.Single().Enabled.ShouldBe(after);
    }

    public static TheoryData<string, Action<JsonNode>, string> Faults => new()
    {
        { "no things", f => f.AsObject().Remove("things"), "$.things is missing" },
        { "things an object", f => f["things"] = new JsonObject(), "$.things is an object" },
        { "thing id with a dot", f => f["things"]![0]!["id"] = "t.1", "$.things[0].id is \"t.1\"" },
        { "longitude 190", f => f["things"]![0]!["lon"] = 190, "$.things[0].lon must be a number from -180 to 180" },
        { "latitude a string", f => f["things"]![0]!["lat"] = "32", "$.things[0].lat must be a number" },
        { "region of 5 digits", f => f["things"]![0]!["region"] = "32120", "$.things[0].region" },
        { "thing twice", f => f["things"]!.AsArray().Add(f["things"]![0]!.DeepClone()), "$.things[1].id is \"t1\" for a second time" },
        { "device twice", f => f["devices"]!.AsArray().Add(f["devices"]![0]!.DeepClone()), "$.devices[1].id is \"d1\" for a second time" },
        { "thing unknown", f => f["devices"]![0]!["thing"] = "t2", "Device d1 serves the thing t2" },
        { "secret too short", f => f["devices"]![0]!["secret"] = "short", "$.devices[0].secret has 5 characters" },
        { "no secret for a new device", f => f["devices"]![0]!.AsObject().Remove("secret"), "Device d1 is new and has no secret" },
        { "noise averaged arithmetically", f => Stream(f, 0)["aggregation"] = "mean", "combined by energy_mean" },
        { "noise in volts", f => Stream(f, 0)["unit"] = "V", "is measured in dB(A)" },
        { "enabled a word", f => f["devices"]![0]!["enabled"] = "no", "$.devices[0].enabled is a string; it is true or false" },
        { "unknown aggregation", f => Stream(f, 3)["aggregation"] = "median", "$.devices[0].datastreams[3].aggregation is \"median\"" },
        { "no unit", f => Stream(f, 3).Remove("unit"), "$.devices[0].datastreams[3].unit is missing" },
        { "interval 0", f => Stream(f, 0)["interval_s"] = 0, "$.devices[0].datastreams[0].interval_s" },
        { "name twice", f => Stream(f, 1)["name"] = "noise", "$.devices[0].datastreams[1].name is \"noise\" for a second time" },
        { "property in capitals", f => Stream(f, 3)["property"] = "Level", "$.devices[0].datastreams[3].property" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Import_OfAFileWithAFault_TellsItsPathAndTakesNothing(string row, Action<JsonNode> spoil, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var file = JsonNode.Parse(Good)!;
        spoil(file);
        var register = new MemoryDevices();
        var result = await new DevicesImport(register).ImportAsync(folder.Write("devices.json", file.ToJsonString()), "me", Cancel);
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldContain(part);
        register.Imports.ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_OfAFileWithFaultsOfBothSorts_TellsAllAtOnce()
    {
        using var folder = new TempFolder();
        var file = JsonNode.Parse(Good)!;
        file["things"]![0]!["region"] = "32120";
        var other = file["devices"]![0]!.DeepClone();
        (other["id"], other["thing"], other["secret"]) = ("d2", "t2", 7);
        file["devices"]!.AsArray().Add(other);
        var result = await new DevicesImport(new MemoryDevices()).ImportAsync(folder.Write("devices.json", file.ToJsonString()), "me", Cancel);
        result.Problems.Count.ShouldBe(3, string.Join("\n", result.Problems));
        result.Problems.ShouldContain(p => p.StartsWith("$.things[0].region", StringComparison.Ordinal));
        result.Problems.ShouldContain(p => p.StartsWith("$.devices[1].secret is a number", StringComparison.Ordinal));
        result.Problems.ShouldContain(p => p.StartsWith("Device d2 serves the thing t2", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_OfAnotherScheme_IsFalse()
    {
        foreach (var stored in new[] { "", "x", "md5$1$AA$AA", "pbkdf2-sha256$0$AA==$AA==", "pbkdf2-sha256$99999999999$AA==$AA==", "pbkdf2-sha256$1$*$*" })
            DeviceSecret.Verify("secret"u8, stored).ShouldBeFalse(stored);
    }

    private static JsonObject Stream(JsonNode file, int index) => file["devices"]![0]!["datastreams"]![index]!.AsObject();
}
