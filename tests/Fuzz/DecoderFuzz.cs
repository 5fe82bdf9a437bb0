using System.Text;
using System.Text.Json;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Fuzz;

/// <summary>Whatever the bytes, a decoder gives values and sentences, and never throws.</summary>
public sealed partial class DecoderFuzz
{
    private static readonly RegisteredDevice Device = new(
        new Device("d1", "t1", null, "-"), new Thing("t1", "工地", null, 119, 32, "321200"), [new Datastream("d1", "t1", "pm10", "pm10", "ug/m3", null, Aggregation.Mean)]);

    private static readonly string[] Observations =
    [
        """{"seq":1,"observations":[{"datastream":"pm10","time":"2026-05-01T08:00:00+08:00","result":71.0}]}""",
        """{"observations":[{"datastream":"camera","time":"2026-05-01T00:00:00.5Z","resultTime":"2026-05-01T00:00:01Z","result":"excavator","quality":["fault","maintenance"]},{"datastream":"pm10","time":"2026-05-01T00:01:00Z","result":-1e-5}],"vendor":{"a":[1,2,{"b":null}]}}""",
    ];

    private static readonly string[] SenMl =
    [
        """[{"bn":"urn:dev:ow:d1:","bt":1777593600,"n":"pm10","v":71,"u":"ug/m3"},{"n":"camera","t":60,"vs":"crane"}]""",
        """[{"bn":"d1/","bver":10,"bv":2.5,"n":"pm10","t":1777593600.25,"v":1},{"n":"x","vb":true},{"n":"y","s":3}]""",
    ];

    private static readonly string[] Items =
    [
        """{"type":"Feature","stac_version":"1.1.0","id":"a","properties":{"datetime":"2026-05-01T02:00:00Z","eo:cloud_cover":5,"view:sun_elevation":60,"proj:code":"EPSG:4549"},"assets":{"data":{"href":"./a.tif","roles":["data","cloud"],"nodata":"nan","bands":[{"name":"B02","eo:common_name":"blue","eo:center_wavelength":0.49},{"name":"scl","roles":["cloud"]}]}}}""",
        """{"type":"Feature","stac_version":"1.0.0","id":"b","collection":"c","properties":{"datetime":null,"start_datetime":"2026-05-01T02:00:00Z","end_datetime":"2026-05-01T02:01:00Z","proj:epsg":4549},"assets":{"red":{"href":"B04.tif","eo:bands":[{"name":"B04","common_name":"red"}],"raster:bands":[{"scale":0.0001,"offset":-0.1,"nodata":0}]}}}""",
    ];

    private static readonly string[] DeviceFiles =
    [
        """{"things":[{"id":"t1","name":"工地","name_en":null,"lon":119.5,"lat":32.1,"region":"321200"}],"devices":[{"id":"d1","thing":"t1","secret":"long-enough-secret","firmware":"1","enabled":false,"datastreams":[{"name":"pm10","property":"pm10","unit":"ug/m3","interval_s":60,"aggregation":"mean"},{"name":"c","property":"camera_event","interval_s":null}]}]}""",
    ];

    [Fact]
    public void ObservationsJson_AnyBytes_AreObservationsOrRefusals()
    {
        var decoder = new ObservationsJsonDecoder(new PipelineOptions { MaxObservationsPerMessage = 3 });
        FuzzRun.Over(Observations, bytes => Check(decoder.Decode(Message(bytes)), bytes));
    }

    [Fact]
    public void SenMl_AnyBytes_AreObservationsOrRefusals()
    {
        var decoder = new SenMlDecoder(new PipelineOptions { MaxObservationsPerMessage = 3 });
        FuzzRun.Over(SenMl, bytes => Check(decoder.Decode(Message(bytes)), bytes));
    }

    [Fact]
    public void StacItem_AnyBytes_AreAnItemOrOneSentence() => FuzzRun.Over(Items, bytes =>
    {
        try
        {
            var item = StacItem.Read(bytes);
            item.Id.ShouldNotBeEmpty();
            item.Assets.ShouldAllBe(a => a.Href.Length > 0);
        }
        catch (RefusedInputException refused)
        {
            MustBeASentence(refused.Message);
        }
    });

    [Fact]
    public void DevicesFile_AnyBytes_AreDevicesOrSentences() => FuzzRun.Over(DeviceFiles, bytes =>
    {
        var problems = new ProblemList();
        var file = DevicesFile.Read(bytes, problems);
        (file is null).ShouldBe(problems.Any);
        foreach (var problem in problems.Sentences)
            MustBeASentence(problem);
        if (file is not null)
            file.Things.Select(t => t.Id).Distinct().Count().ShouldBe(file.Things.Count);
    });

    [Fact]
    public void Times_AnyText_AgreeWithTheRuntimeWhereBothReadThem()
    {
        string[] seeds = ["2026-05-01T08:00:00+08:00", "2026-05-01T08:00:00.1234567Z", "1999-12-31T23:59:59-00:30"];
        FuzzRun.Over(seeds, bytes =>
        {
            var fault = Iso8601.Parse(bytes, out var ours);
            var text = Encoding.UTF8.GetString(bytes);
            if (DateTimeOffset.TryParseExact(
                text, ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal, out var theirs) && text.Length > 19 && text[^1] != '.')
            {
                // The runtime also takes one-digit zones; what RFC 3339 writes, both take.
                if (fault == Iso8601Fault.None)
                    ours.ShouldBe(theirs);
                else
                    Rfc3339().IsMatch(text).ShouldBeFalse($"{text} was refused as {fault}");
            }
        });
    }

    private static InboundMessage Message(byte[] payload) =>
        new() { Door = "fuzz", Device = Device, Address = "devices/d1/obs", Payload = payload, ReceivedTime = DateTimeOffset.UnixEpoch };

    private static void Check(DecodedMessage decoded, byte[] bytes)
    {
        foreach (var observation in decoded.Observations)
        {
            observation.Datastream.ShouldNotBeEmpty();
            (observation.Result.Number is { } number && double.IsFinite(number)).ShouldBe(observation.Result.Text is null);
            observation.Time.Offset.ShouldBe(TimeSpan.Zero);
        }

        foreach (var refusal in decoded.Refusals)
            MustBeASentence(refusal.Detail);

        // What no JSON reader takes must not become observations.
        if (!IsJson(bytes))
        {
            decoded.Observations.ShouldBeEmpty();
            decoded.Refusals.ShouldHaveSingleItem().Reason.ShouldBeOneOf(DeadLetterReason.Malformed);
        }
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes, new JsonDocumentOptions { MaxDepth = 16 });
            return System.Text.Unicode.Utf8.IsValid(bytes);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void MustBeASentence(string text)
    {
        text.ShouldEndWith(".");
        text.Length.ShouldBeLessThan(800);
        text.Any(char.IsControl).ShouldBeFalse("control characters in a sentence");
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z")]
    private static partial System.Text.RegularExpressions.Regex Rfc3339();
}
