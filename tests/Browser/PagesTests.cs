using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Monitoring.TestKit;

namespace Monitoring.Browser;

/// <summary>The four pages in Chromium against the real service.</summary>
public sealed partial class PagesTests(RunningPages pages) : IClassFixture<RunningPages>
{
    [Fact]
    public async Task Pages_FromFirstSceneToVerifiedWarning()
    {
        var page = await pages.SignedInAsync(1440, 900);
        await page.GetByTestId("demo-badge").WaitForAsync();
        (await page.GetByTestId("alert-card").CountAsync()).ShouldBe(0, "nothing was seen yet");
        var loaded = await page.EvaluateAsync<double>("performance.timeOrigin");

        // The live warning arrives by itself, without reload.
        for (var i = 0; i < 10 && await page.GetByTestId("alert-card").CountAsync() == 0; i++)
        {
            await pages.DeliverAsync(3);
        }

        await page.GetByTestId("alert-card").First.WaitForAsync();
        (await page.EvaluateAsync<double>("performance.timeOrigin")).ShouldBe(loaded, "the page was not loaded again");
        var card = page.GetByTestId("alert-card").First;
        (await card.InnerTextAsync()).ShouldContain("疑似");
        await page.GetByTestId("map-ready").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RunningPages.KeepAsync(page, "map-1440");

        // Language.
        await page.GetByTestId("language-switch").ClickAsync();
        await Assertions.Expect(card).ToContainTextAsync("Suspected", new() { IgnoreCase = true });
        await page.GetByTestId("language-switch").ClickAsync();

        // Evidence: the images, the swipe, the reasons.
        var alert = await card.GetAttributeAsync("data-alert");
        await page.GotoAsync(new Uri(pages.Service.Http, $"alerts/{alert}").ToString());
        await page.GetByTestId("map-ready").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        (await page.GetByTestId("clue-notice").CountAsync()).ShouldBe(1);
        (await page.GetByTestId("reasons").Locator("li").CountAsync()).ShouldBeGreaterThan(1);
        // How likely it is, by what, and what told for it; nothing was learned yet, and the page says so.
        var likely = page.GetByTestId("likelihood");
        (await likely.InnerTextAsync()).ShouldContain("规则和先验");
        (await likely.InnerTextAsync()).ShouldContain("%");
        (await likely.Locator(".parts li").CountAsync()).ShouldBeGreaterThan(0);
        await likely.ScrollIntoViewIfNeededAsync();
        await RunningPages.KeepAsync(page, "likelihood-1440");
        var divider = page.GetByTestId("swipe-divider");
        var before = await ValueOfAsync(divider);
        await divider.FocusAsync();
        for (var i = 0; i < 5; i++)
        {
            await page.Keyboard.PressAsync("ArrowLeft");
        }

        (await ValueOfAsync(divider)).ShouldBeLessThan(before);
        var left = await ValueOfAsync(divider);
        var box = (await divider.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + 200, box.Y + (box.Height / 2), new() { Steps = 5 });
        await page.Mouse.UpAsync();
        (await ValueOfAsync(divider)).ShouldBeGreaterThan(left);
        await RunningPages.KeepAsync(page, "evidence-1440");

        // A choice far down the column scrolls the column, never the page under its header.
        var illegal = page.GetByTestId("verification-form").Locator("label").Filter(new() { Has = page.Locator("input[value=illegal]") });
        await illegal.ScrollIntoViewIfNeededAsync();
        var choice = (await illegal.BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(choice.X + (choice.Width / 2), choice.Y + (choice.Height / 2));
        (await illegal.Locator("input").IsCheckedAsync()).ShouldBeTrue();
        (await page.EvaluateAsync<double>("document.scrollingElement.scrollTop")).ShouldBe(0, "the page stands still");
        (await page.EvaluateAsync<double>("document.scrollingElement.scrollHeight - document.scrollingElement.clientHeight")).ShouldBe(0, "nothing lies outside the page");

        // Acknowledge, and see it on the record.
        await page.GetByTestId("acknowledge-button").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("acknowledge-button")).ToHaveCountAsync(0);

        // A sensed series begins in its fourth month.
        await pages.DeliverAsync(20);
        await page.GotoAsync(new Uri(pages.Service.Http, "indicators?code=sensed-built-up").ToString());
        await page.GetByTestId("indicator-item").First.WaitForAsync();
        for (var i = 0; i < 6 && await page.GetByTestId("indicator-chart").CountAsync() == 0; i++)
        {
            await pages.DeliverAsync(3);
            await page.ReloadAsync();
            await page.GetByTestId("indicator-item").First.WaitForAsync();
        }

        await page.GetByTestId("indicator-chart").First.WaitForAsync();
        await RunningPages.KeepAsync(page, "indicators-1440");
        await page.Context.CloseAsync();

        var phone = await pages.SignedInAsync(390, 844);
        await phone.GetByTestId("map-ready").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RunningPages.KeepAsync(phone, "map-390");
        await phone.GotoAsync(new Uri(pages.Service.Http, $"alerts/{alert}").ToString());
        await phone.GetByTestId("reasons").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RunningPages.KeepAsync(phone, "evidence-390");
        await phone.GotoAsync(new Uri(pages.Service.Http, "indicators").ToString());
        await phone.GetByTestId("indicator-item").First.WaitForAsync();
        await RunningPages.KeepAsync(phone, "indicators-390");
        await phone.GotoAsync(new Uri(pages.Service.Http, "?order=likelihood").ToString());
        await phone.GetByTestId("card-likelihood").First.WaitForAsync();
        await phone.GotoAsync(new Uri(pages.Service.Http, "model").ToString());
        await phone.GetByTestId("model-empty").WaitForAsync();
        await RunningPages.KeepAsync(phone, "model-390");
        var width = await phone.EvaluateAsync<int>("document.documentElement.scrollWidth");
        width.ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        await phone.Context.CloseAsync();
    }

    [Fact]
    public async Task Devices_ValuePublishedByMosquitto_AppearsOnThePage()
    {
        const string Publisher = "/usr/bin/mosquitto_pub";
        Assert.SkipUnless(File.Exists(Publisher), "mosquitto_pub is not installed.");
        var stop = TestContext.Current.CancellationToken;
        using var devices = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(pages.World, "devices.json"), stop));
        var device = devices.RootElement.GetProperty("devices")[0];
        var (id, thing, secret) = (device.GetProperty("id").GetString()!, device.GetProperty("thing").GetString()!, device.GetProperty("secret").GetString()!);
        var stream = device.GetProperty("datastreams")[0].GetProperty("name").GetString()!;

        await PublishAsync(59.1);
        var page = await pages.SignedInAsync(1440, 900);
        await page.GotoAsync(new Uri(pages.Service.Http, $"devices?thing={thing}").ToString());
        var latest = page.Locator($"[data-testid=latest-value][data-stream='{id}/{stream}']").First;
        await Assertions.Expect(latest).ToContainTextAsync("59.1", new() { Timeout = 60_000 });

        // The next one comes by itself.
        await PublishAsync(63.7);
        await Assertions.Expect(latest).ToContainTextAsync("63.7", new() { Timeout = 60_000 });
        await RunningPages.KeepAsync(page, "devices-1440");
        await page.SetViewportSizeAsync(390, 844);
        await RunningPages.KeepAsync(page, "devices-390");
        await page.Context.CloseAsync();

        async Task PublishAsync(double value)
        {
            var payload = string.Create(CultureInfo.InvariantCulture,
                $$"""{"seq":1,"observations":[{"datastream":"{{stream}}","time":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","result":{{value}}}]}""");
            using var publish = Process.Start(Publisher,
                ["-h", "127.0.0.1", "-p", pages.Service.MqttPort.ToString(CultureInfo.InvariantCulture), "-i", id, "-u", id, "-P", secret, "-q", "1", "-t", $"devices/{id}/obs", "-m", payload]);
            await publish.WaitForExitAsync(stop);
            publish.ExitCode.ShouldBe(0);
        }
    }

    [Fact]
    public async Task Conflicts_DrawnAndUploaded_AreToldWithAWayAround()
    {
        // A road through the first red line of the county.
        var stop = TestContext.Current.CancellationToken;
        using var lines = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(pages.World, "control-lines.geojson"), stop));
        var ring = lines.RootElement.GetProperty("features").EnumerateArray().First(f => f.GetProperty("properties").GetProperty("kind").GetString() == "ecological_red_line").GetProperty("geometry");
        while (ring.ValueKind is JsonValueKind.Object || ring[0][0].ValueKind is JsonValueKind.Array)
        {
            ring = ring.ValueKind is JsonValueKind.Object ? ring.GetProperty("coordinates") : ring[0];
        }

        var corner = ring.EnumerateArray().MinBy(c => c[0].GetDouble());
        var (lon, lat) = (corner[0].GetDouble(), corner[1].GetDouble());
        var road = string.Create(CultureInfo.InvariantCulture, $"{lon - 0.004:0.000000},{lat:0.000000};{lon + 0.003:0.000000},{lat + 0.0002:0.000000}");

        var page = await pages.SignedInAsync(1440, 900);
        await page.GotoAsync(new Uri(pages.Service.Http, $"conflicts?kind=road&width=20&at={Uri.EscapeDataString(road)}").ToString());
        await page.GetByTestId("conflict-map-ready").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.GetByTestId("conflict-check").ClickAsync();
        await page.GetByTestId("conflict-result").WaitForAsync();
        (await page.GetByTestId("conflict-list").Locator("li").CountAsync()).ShouldBeGreaterThan(0);
        await Assertions.Expect(page.GetByTestId("conflict-list")).ToContainTextAsync("占用生态保护红线");
        await Assertions.Expect(page.GetByTestId("suggestions")).ToContainTextAsync("长度");
        await page.GetByTestId("conflict-map-ready").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RunningPages.KeepAsync(page, "conflicts-1440");
        await page.GetByTestId("language-switch").ClickAsync();
        await Assertions.Expect(page.GetByTestId("conflict-list")).ToContainTextAsync("On the ecological red line");
        await page.GetByTestId("language-switch").ClickAsync();

        // Drawn by clicks.
        await page.GetByTestId("draw-start").ClickAsync();
        var map = (await page.Locator("[data-testid^=conflict-map-]").BoundingBoxAsync())!;
        foreach (var (x, y) in new[] { (0.3, 0.4), (0.5, 0.6), (0.7, 0.45) })
        {
            await page.Mouse.ClickAsync((float)(map.X + (x * map.Width)), (float)(map.Y + (y * map.Height)));
        }

        await Assertions.Expect(page.GetByTestId("conflict-form")).ToContainTextAsync("已画 3 点");
        await RunningPages.KeepAsync(page, "conflicts-drawing-1440");
        await page.GetByTestId("draw-finish").ClickAsync();
        await page.GetByTestId("conflict-check").ClickAsync();
        await page.GetByTestId("conflict-result").WaitForAsync();
        await page.Context.CloseAsync();

        // Uploaded, on a phone.
        var phone = await pages.SignedInAsync(390, 844);
        await phone.GotoAsync(new Uri(pages.Service.Http, "conflicts").ToString());
        await phone.GetByTestId("conflict-map-ready").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await RunningPages.KeepAsync(phone, "conflicts-empty-390");
        await phone.Locator("label").Filter(new() { Has = phone.Locator("input[value=file]") }).ClickAsync();
        var points = string.Join(',', road.Split(';').Select(p => $"[{p}]"));
        await phone.GetByTestId("conflict-file").SetInputFilesAsync(new FilePayload
        {
            Name = "road.geojson", MimeType = "application/geo+json",
            Buffer = System.Text.Encoding.UTF8.GetBytes($$$"""{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"width_m":20},"geometry":{"type":"LineString","coordinates":[{{{points}}}]}}]}"""),
        });
        await phone.GetByTestId("conflict-check").ClickAsync();
        await phone.GetByTestId("conflict-result").WaitForAsync();
        await Assertions.Expect(phone.GetByTestId("conflict-list")).ToContainTextAsync("占用生态保护红线");
        await RunningPages.KeepAsync(phone, "conflicts-390");
        (await phone.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        await phone.Context.CloseAsync();
    }

    private static async Task<double> ValueOfAsync(ILocator slider) =>
        double.Parse((await slider.GetAttributeAsync("aria-valuenow"))!, CultureInfo.InvariantCulture);
}
