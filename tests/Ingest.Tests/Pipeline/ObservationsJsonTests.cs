using System.Text;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Pipeline;

public sealed class ObservationsJsonTests
{
    private const string T = "\"time\":\"2026-05-01T08:00:00+08:00\"";

    /// <summary>Row name, payload, reason, part of the sentence.</summary>
    public static TheoryData<string, string, DeadLetterReason, string> WholeMessages => new()
    {
        { "empty", "", DeadLetterReason.Malformed, "not valid JSON" },
        { "not JSON", "pm10=71", DeadLetterReason.Malformed, "line 1, byte 1" },
        { "cut off", """{"observations":[{"datastream":"pm10" """, DeadLetterReason.Malformed, "not valid JSON" },
        { "trailing text", """{"observations":[]} x""", DeadLetterReason.Malformed, "not valid JSON" },
        { "NaN", $$"""{"observations":[{"datastream":"pm10",{{T}},"result":NaN}]}""", DeadLetterReason.Malformed, "not valid JSON" },
        { "too deep", "{\"a\":" + new string('[', 40), DeadLetterReason.Malformed, "not valid JSON" },
        { "a list", "[]", DeadLetterReason.Malformed, "is a list" },
        { "null", "null", DeadLetterReason.Malformed, "is null" },
        { "no observations", """{"seq":1}""", DeadLetterReason.Malformed, "$.observations is missing" },
        { "observations an object", """{"observations":{}}""", DeadLetterReason.InvalidValue, "$.observations is an object" },
        { "observations twice", """{"observations":[],"observations":[]}""", DeadLetterReason.Malformed, "twice" },
        { "seq a string", """{"seq":"1","observations":[]}""", DeadLetterReason.InvalidValue, "$.seq is \"1\"" },
        { "seq negative", """{"seq":-1,"observations":[]}""", DeadLetterReason.InvalidValue, "$.seq is -1" },
        { "seq a fraction", """{"seq":1.5,"observations":[]}""", DeadLetterReason.InvalidValue, "$.seq is 1.5" },
        { "seq too large", """{"seq":99999999999999999999,"observations":[]}""", DeadLetterReason.InvalidValue, "$.seq" },
        { "half a character in a name", """{"\ud800":1,"observations":[]}""", DeadLetterReason.Malformed, "half a character" },
    };

    /// <summary>Row name, the one observation, reason, part of the sentence.</summary>
    public static TheoryData<string, string, DeadLetterReason, string> Observations => new()
    {
        { "not an object", "71", DeadLetterReason.InvalidValue, "$.observations[0] is a number" },
        { "no datastream", $$"""{ {{T}},"result":1}""", DeadLetterReason.Malformed, "$.observations[0].datastream is missing" },
        { "datastream a number", $$"""{"datastream":10,{{T}},"result":1}""", DeadLetterReason.InvalidValue, "$.observations[0].datastream is 10" },
        { "datastream empty", $$"""{"datastream":"",{{T}},"result":1}""", DeadLetterReason.InvalidValue, ".datastream is \"\"" },
        { "datastream half a character", $$"""{"datastream":"\udc00",{{T}},"result":1}""", DeadLetterReason.InvalidValue, ".datastream is" },
        { "datastream unknown", $$"""{"datastream":"pm1",{{T}},"result":1}""", DeadLetterReason.UnknownDatastream, "'pm1'" },
        { "no time", """{"datastream":"pm10","result":1}""", DeadLetterReason.MissingTime, "$.observations[0].time is missing" },
        { "time null", """{"datastream":"pm10","time":null,"result":1}""", DeadLetterReason.MissingTime, ".time is null" },
        { "time without zone", """{"datastream":"pm10","time":"2026-05-01T08:00:00","result":1}""", DeadLetterReason.MissingTime, "has no zone" },
        { "time a number", """{"datastream":"pm10","time":1777593600,"result":1}""", DeadLetterReason.InvalidValue, ".time is 1777593600" },
        { "time a word", """{"datastream":"pm10","time":"now","result":1}""", DeadLetterReason.InvalidValue, ".time is \"now\"" },
        { "time without seconds", """{"datastream":"pm10","time":"2026-05-01T08:00Z","result":1}""", DeadLetterReason.InvalidValue, "write ISO 8601" },
        { "30 February", """{"datastream":"pm10","time":"2026-02-30T08:00:00Z","result":1}""", DeadLetterReason.InvalidValue, "no existing instant" },
        { "zone of 15 hours", """{"datastream":"pm10","time":"2026-02-20T08:00:00+15:00","result":1}""", DeadLetterReason.InvalidValue, "no existing instant" },
        { "11 minutes ahead", """{"datastream":"pm10","time":"2026-05-02T00:11:00Z","result":1}""", DeadLetterReason.ImplausibleTime, "11 minutes ahead" },
        { "clock never set", """{"datastream":"pm10","time":"1970-01-01T00:03:00Z","result":1}""", DeadLetterReason.ImplausibleTime, "before 2000-01-01" },
        { "result time without zone", $$"""{"datastream":"pm10",{{T}},"resultTime":"2026-05-01T08:00:00","result":1}""", DeadLetterReason.MissingTime, ".resultTime" },
        { "no result", $$"""{"datastream":"pm10",{{T}}}""", DeadLetterReason.Malformed, ".result is missing" },
        { "result null", $$"""{"datastream":"pm10",{{T}},"result":null}""", DeadLetterReason.InvalidValue, "a gap is not a value" },
        { "result true", $$"""{"datastream":"pm10",{{T}},"result":true}""", DeadLetterReason.InvalidValue, "is true or false" },
        { "result a list", $$"""{"datastream":"pm10",{{T}},"result":[1]}""", DeadLetterReason.InvalidValue, "is a list" },
        { "result a text for a number", $$"""{"datastream":"pm10",{{T}},"result":"71"}""", DeadLetterReason.InvalidValue, "measured in ug/m3" },
        { "result a number for a category", $$"""{"datastream":"camera",{{T}},"result":1}""", DeadLetterReason.InvalidValue, "holds categories" },
        { "result beyond a double", $$"""{"datastream":"pm10",{{T}},"result":1e999}""", DeadLetterReason.InvalidValue, "1e999" },
        { "result an empty category", $$"""{"datastream":"camera",{{T}},"result":""}""", DeadLetterReason.InvalidValue, "short category" },
        { "result half a character", $$"""{"datastream":"camera",{{T}},"result":"\ud83d"}""", DeadLetterReason.InvalidValue, "half a character" },
        { "result too long a category", $$"""{"datastream":"camera",{{T}},"result":"{{new string('x', 257)}}"}""", DeadLetterReason.InvalidValue, "256 characters" },
        { "quality a string", $$"""{"datastream":"pm10",{{T}},"result":1,"quality":"fault"}""", DeadLetterReason.InvalidValue, ".quality is a string" },
        { "quality unknown", $$"""{"datastream":"pm10",{{T}},"result":1,"quality":["late"]}""", DeadLetterReason.InvalidValue, "\"late\"" },
        { "result twice", $$"""{"datastream":"pm10",{{T}},"result":1,"result":2}""", DeadLetterReason.Malformed, "twice" },
    };

    [Theory]
    [MemberData(nameof(WholeMessages))]
    public async Task Message_WithAFaultAroundTheObservations_IsOneDeadLetter(string row, string payload, DeadLetterReason reason, string part)
    {
        row.ShouldNotBeEmpty();
        using var river = new River();
        var taken = await river.TakeAsync(payload);

        taken.ShouldBeOfType<Taken.Durable>().WhollyRefusedFor.ShouldBe(reason);
        var letter = river.Store.Letters.ShouldHaveSingleItem();
        letter.ShouldSatisfyAllConditions(l => l.Reason.ShouldBe(reason), l => l.Detail.ShouldContain(part), l => l.Detail.ShouldEndWith("."));
        Encoding.UTF8.GetString(letter.Payload.Span).ShouldBe(payload);
        river.Ledger.Snapshot().ShouldSatisfyAllConditions(l => l.Received.ShouldBe(1), l => l.Rejected[reason].ShouldBe(1), l => l.Balances.ShouldBeTrue());
    }

    [Theory]
    [MemberData(nameof(Observations))]
    public async Task Observation_WithAFault_IsADeadLetterAndItsNeighbourIsKept(string row, string observation, DeadLetterReason reason, string part)
    {
        row.ShouldNotBeEmpty();
        using var river = new River();
        var neighbour = """{"datastream":"pm10","time":"2026-05-01T09:00:00+08:00","result":7}""";

        var taken = await river.TakeAsync($$"""{"seq":5,"observations":[{{observation}},{{neighbour}}]}""");

        taken.ShouldBe(new Taken.Durable(1, 0, 1, null, river.Store.Letters.Single().Detail));
        river.Store.Stored.ShouldHaveSingleItem().Result.Number.ShouldBe(7);
        var letter = river.Store.Letters.ShouldHaveSingleItem();
        letter.ShouldSatisfyAllConditions(l => l.Reason.ShouldBe(reason), l => l.Detail.ShouldContain(part), l => l.Detail.ShouldEndWith("."));
        Encoding.UTF8.GetString(letter.Payload.Span).ShouldBe(observation);
    }

    [Fact]
    public async Task Message_WithUnknownFieldsAndByteOrderMark_IsRead()
    {
        using var river = new River();
        await river.TakeAsync("\uFEFF" + """
            {"vendor":{"a":[1,{"b":null}]},"observations":[{"unit":"ug/m3","result":71.25,"quality":["maintenance","outOfRange"],"datastream":"pm10",
             "time":"2026-05-01t08:00:00,5+0800"},{"datastream":"camera","time":"2026-05-01 00:00:00Z","result":"挖掘机 \ud83d\ude9c"}],"seq":3}
            """);
        var (pm10, camera) = (river.Store.Stored[0], river.Store.Stored[1]);
        pm10.PhenomenonTime.ShouldBe(Payload.Start.AddSeconds(0.5));
        pm10.Quality.ShouldBe(ResultQuality.Maintenance | ResultQuality.OutOfRange);
        pm10.DeviceSequence.ShouldBe(3);
        camera.Result.Text.ShouldBe("挖掘机 🚜");
    }

    [Fact]
    public async Task Message_NotUtf8_IsMalformed()
    {
        using var river = new River();
        await river.TakeAsync([.. "{\"observations\":[],\"x\":\""u8, 0xB9, 0xA4, .. "\"}"u8]);
        river.Store.Letters.ShouldHaveSingleItem().Detail.ShouldContain("not UTF-8");
    }

    [Fact]
    public async Task Message_WithMoreObservationsThanAllowed_IsTooLarge()
    {
        using var river = new River(new PipelineOptions { MaxObservationsPerMessage = 2 });
        var observation = $$"""{"datastream":"pm10",{{T}},"result":1}""";
        await river.TakeAsync($$"""{"observations":[{{observation}},{{observation}},{{observation}},[{"x":[]}]],"seq":1}""");
        river.Store.Letters.ShouldHaveSingleItem().Reason.ShouldBe(DeadLetterReason.TooLarge);
        river.Store.Stored.ShouldBeEmpty();
    }

    [Fact]
    public async Task Message_WithManyBadObservations_MergesTheRestIntoOneLetterAndCountsAll()
    {
        using var river = new River(new PipelineOptions { MaxDeadLettersPerMessage = 4, MaxDeadLetterBytes = 10 });
        await river.TakeAsync($$"""{"observations":[{{string.Join(',', Enumerable.Range(0, 50))}}]}""");
        river.Store.Letters.Count.ShouldBe(4);
        river.Store.Letters[^1].ShouldSatisfyAllConditions(
            l => l.Detail.ShouldStartWith("47 more observations"), l => l.Payload.Length.ShouldBe(10), l => l.PayloadLength.ShouldBeGreaterThan(100));
        river.Ledger.Snapshot().Rejected[DeadLetterReason.InvalidValue].ShouldBe(50);
    }

    [Theory]
    [InlineData("just ahead", 4, ResultQuality.Good)]
    [InlineData("six seconds ahead", 6, ResultQuality.ClockSuspect)]
    [InlineData("ten minutes ahead", 600, ResultQuality.ClockSuspect)]
    public async Task Time_SlightlyAhead_IsFlagged(string row, int seconds, ResultQuality quality)
    {
        row.ShouldNotBeEmpty();
        using var river = new River();
        await river.TakeAsync(Payload.Pm10(86_400 + seconds));
        river.Store.Stored.ShouldHaveSingleItem().Quality.ShouldBe(quality);
    }

    [Fact]
    public async Task Time_BehindTheNewestOfItsDatastream_IsFlaggedLateAndKept()
    {
        using var river = new River();
        await river.TakeAsync(Payload.Pm10(60));
        await river.TakeAsync(Payload.Pm10(30));
        await river.TakeAsync(Payload.Pm10(90));
        river.Store.Stored.Select(o => o.Quality).ShouldBe([ResultQuality.Good, ResultQuality.Late, ResultQuality.Good]);
    }

    [Theory]
    [InlineData("absolute", """[{"bn":"urn:dev:ow:d1:","bt":1777593600,"n":"pm10","v":71},{"n":"pm10","t":60,"v":72}]""", 2, null)]
    [InlineData("relative to now", """[{"n":"pm10","t":-5,"v":71}]""", 0, DeadLetterReason.MissingTime)]
    [InlineData("no time", """[{"n":"pm10","v":71}]""", 0, DeadLetterReason.MissingTime)]
    [InlineData("milliseconds", """[{"n":"pm10","t":1777593600000000,"v":71}]""", 0, DeadLetterReason.InvalidValue)]
    [InlineData("category", """[{"n":"d1/camera","t":1777593600,"vs":"excavator"}]""", 1, null)]
    [InlineData("boolean", """[{"n":"pm10","t":1777593600,"vb":true}]""", 0, DeadLetterReason.InvalidValue)]
    [InlineData("another device's name", """[{"n":"d2/pm10","t":1777593600,"v":1}]""", 0, DeadLetterReason.UnknownDatastream)]
    [InlineData("a field that must be understood", """[{"n":"pm10","t":1777593600,"v":1,"x_":1}]""", 0, DeadLetterReason.InvalidValue)]
    [InlineData("an object", """{"n":"pm10"}""", 0, DeadLetterReason.Malformed)]
    public async Task SenMl_IsReadAsRfc8428WithoutInventingATime(string row, string payload, int stored, DeadLetterReason? reason)
    {
        row.ShouldNotBeEmpty();
        using var river = new River();
        await river.TakeAsync(payload, "devices/d1/senml");
        river.Store.Stored.Count.ShouldBe(stored);
        river.Store.Letters.Select(l => (DeadLetterReason?)l.Reason).FirstOrDefault().ShouldBe(reason);
        if (row == "absolute")
            river.Store.Stored[1].PhenomenonTime.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1777593660));
    }
}
