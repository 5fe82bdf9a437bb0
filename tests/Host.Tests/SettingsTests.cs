using Monitoring.Dashboard.People;
using Monitoring.Domain.Land;
using Monitoring.Host.Configuration;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>monitoring.json &lt; environment &lt; options, and what is said when one of them is wrong.</summary>
[Collection("environment")]
public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> NoOptions = [];

    [Fact]
    public void Load_NothingSaid_GivesTheDefaults()
    {
        using var folder = new TempDirectory();
        var settings = SettingsLoader.Load(folder.Path, NoOptions);
        settings.ShouldSatisfyAllConditions(
            () => settings.Bind.ShouldBe("127.0.0.1"),
            () => settings.HttpPort.ShouldBe(8080),
            () => settings.PlainMqttPort.ShouldBe(1883),
            () => settings.Roles.ShouldBe(HostSettings.AllRoles),
            () => settings.Demonstration.ShouldBeFalse());
    }

    [Fact]
    public void Load_FileEnvironmentAndOption_TheLaterWins()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), """{ "httpPort": 1001, "mqttPort": 1002, "timeZone": "Asia/Urumqi" }""");
        Environment.SetEnvironmentVariable("MONITORING__MqttPort", "2002");
        try
        {
            var settings = SettingsLoader.Load(folder.Path, new Dictionary<string, string?> { ["HttpPort"] = "3001" });
            settings.HttpPort.ShouldBe(3001);
            settings.MqttPort.ShouldBe(2002);
            settings.TimeZone.ShouldBe("Asia/Urumqi");
        }
        finally
        {
            Environment.SetEnvironmentVariable("MONITORING__MqttPort", null);
        }
    }

    [Theory]
    [InlineData("""{ "trustedProxies": ["127.0.0.1", "10.0.0.0/8"] }""")]
    [InlineData("""{ "trustedProxies": "127.0.0.1, 10.0.0.0/8" }""")]
    public void Load_Proxies_AreTakenFromAListOrFromTextWithCommas(string json)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), json);
        SettingsLoader.Load(folder.Path, NoOptions).TrustedProxies.ShouldBe(["127.0.0.1", "10.0.0.0/8"]);
    }

    [Fact]
    public void Load_Grades_AreTakenByTheNamesOfLayersAndRoles()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), """{ "layerGrades": { "parcels": "Core", "alerts": "important" }, "seenUpTo": { "Viewer": "General" } }""");
        var settings = SettingsLoader.Load(folder.Path, NoOptions);
        settings.LayerGrades.ShouldBe(new Dictionary<string, DataGrade> { ["parcels"] = DataGrade.Core, ["alerts"] = DataGrade.Important }, ignoreOrder: true);
        settings.SeenUpTo.ShouldBe(new Dictionary<Role, DataGrade> { [Role.Viewer] = DataGrade.General });

        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), """{ "layerGrades": { "roads": "Core" } }""");
        Should.Throw<BadInputException>(() => SettingsLoader.Load(folder.Path, NoOptions)).Message.ShouldStartWith("LayerGrades names \"roads\"; the layers are regions,");
    }

    [Theory]
    [InlineData("no certificate", "0.0.0.0", false, null, 1883)]
    [InlineData("certificate, this machine only", "127.0.0.1", true, null, 1883)]
    [InlineData("certificate, others reach it", "0.0.0.0", true, null, null)]
    [InlineData("certificate and a port that was named", "0.0.0.0", true, 1884, 1884)]
    public void PlainMqttPort_WithACertificate_IsOpenOnlyWhereNamedOrUnreachable(string row, string bind, bool certificate, int? named, int? opened)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempDirectory();
        var pem = folder.File("server.pem");
        File.WriteAllText(pem, "");
        var options = new Dictionary<string, string?> { ["Bind"] = bind };
        if (certificate)
        {
            options["CertificateFile"] = pem;
        }

        if (named is not null)
        {
            options["MqttPort"] = named.ToString();
        }

        SettingsLoader.Load(folder.Path, options).PlainMqttPort.ShouldBe(opened);
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "a setting that is none", """{ "htpPort": 1 }""", "There is no setting \"htpPort\"" },
        { "no JSON", """{ "httpPort": """, "cannot be read" },
        { "a wrong type", """{ "httpPort": "many" }""", "wrong type" },
        { "a port out of range", """{ "httpPort": 70000 }""", "HttpPort is 70000" },
        { "the same port twice", """{ "httpPort": 1900, "mqttPort": 1900 }""", "are both 1900" },
        { "no address", """{ "bind": "here" }""", "which is no IP address" },
        { "an unknown role", """{ "roles": ["ingest", "cook"] }""", "There is no role \"cook\"" },
        { "some roles over embedded stores", """{ "roles": ["ingest"] }""", "must run all roles" },
        { "no time zone", """{ "timeZone": "Moon/Sea" }""", "no IANA time zone" },
        { "no proxy", """{ "trustedProxies": ["10.0.0.0/8", "the proxy"] }""", "TrustedProxies names \"the proxy\"" },
        { "no level", """{ "logLevel": "Loud" }""", "use Verbose" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Load_WrongFile_SaysWhatIsWrong(string what, string json, string expected)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), json);
        Should.Throw<BadInputException>(() => SettingsLoader.Load(folder.Path, NoOptions), what).Message.ShouldContain(expected);
    }

    [Fact]
    public void Load_SeveralFaults_TellsAll()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "monitoring.json"), """{ "httpPort": -1, "mqttPort": 70000 }""");
        var message = Should.Throw<BadInputException>(() => SettingsLoader.Load(folder.Path, NoOptions)).Message;
        message.ShouldContain("HttpPort");
        message.ShouldContain("MqttPort");
    }
}
