using System.Text.Json;
using Microsoft.Playwright;

namespace Monitoring.Browser;

public sealed partial class PagesTests
{
    /// <summary>The county's own parcels with signs as a growing edge of town has them: many in the middle, fewer around.</summary>
    private string Risk(bool learned)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(pages.World, "parcels.geojson")));
        var parcels = file.RootElement.GetProperty("features").EnumerateArray().Where((_, i) => i % 3 != 1).Select(static f => f.Clone()).ToList();
        double[] chances = [0.004, 0.012, 0.031, 0.062, 0.14];
        return JsonSerializer.Serialize(new
        {
            type = "FeatureCollection",
            risk = new { asOf = "2026-11-20T00:00:00Z", source = learned ? "model" : "signs", beginnings = learned ? 412 : 7, beginningsNeeded = 100, parcelsLookedAt = parcels.Count },
            features = parcels.Select((f, i) => new
            {
                type = "Feature",
                id = $"r{i}",
                geometry = f.GetProperty("geometry"),
                properties = new
                {
                    parcelId = f.GetProperty("properties").GetProperty("parcel_id").GetString(),
                    within30Days = learned ? chances[i % 5] / 3 : (double?)null,
                    within90Days = learned ? chances[i % 5] : (double?)null,
                    order = (double)(i % 7),
                    level = learned ? chances[i % 5] switch { < 0.02 => 1, < 0.05 => 2, < 0.10 => 3, _ => 4 } : (i % 7) switch { < 1 => 1, < 3 => 2, < 5 => 3, _ => 4 },
                    signs = new Dictionary<string, int> { ["earthworks"] = 1 + (i % 2), ["permit-granted"] = i % 3 },
                },
            }),
        });
    }

    [Fact]
    public async Task Risk_OfACountyWithEarlySigns_ColoursParcelsAndSaysWhatTheColourMeans()
    {
        var page = await pages.SignedInAsync(1440, 900);
        await page.RouteAsync("**/api/risk*", r => r.FulfillAsync(new() { ContentType = "application/json", Body = Risk(learned: true) }));
        await page.GotoAsync(new Uri(pages.Service.Http, "?layers=regions,parcels,risk,alerts").ToString());
        await page.GetByTestId("connection-state").WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.GetByTestId("layers-button").ClickAsync();
        await Assertions.Expect(page.GetByTestId("risk-note")).ToBeVisibleAsync();
        await RunningPages.KeepAsync(page, "risk-model-1440");

        await page.UnrouteAsync("**/api/risk*");
        await page.RouteAsync("**/api/risk*", r => r.FulfillAsync(new() { ContentType = "application/json", Body = Risk(learned: false) }));
        await page.SetViewportSizeAsync(390, 844);
        await page.GotoAsync(new Uri(pages.Service.Http, "?layers=regions,parcels,risk,alerts").ToString());
        await page.GetByTestId("connection-state").WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await RunningPages.KeepAsync(page, "risk-signs-390");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task SetAside_ListTakenUpAndFiltered_TellsEachReasonAndSendsTheReasonGiven()
    {
        const string Held = """
            {"items":[
              {"siteId":"s1","kind":"belowVerdict","why":{"code":"below-warning","facts":{"verdict":"review","fires_from":"conflict"}},"verdict":"review","regionCode":"330502","regionName":"吴兴区","notBefore":"2026-10-02T03:00:00Z","notAfter":"2026-10-12T03:00:00Z","areaM2":3120,"longitude":120.1,"latitude":30.85,"reasons":[{"code":"approval-began-in-interval","facts":{"permit_no":"330502202610001","valid_from":"2026-10-05","not_before":"2026-10-02","not_after":"2026-10-12"}}],"likelihood":{"probability":0.31,"source":"model","model":"0002","asOf":"2026-10-12T03:10:00Z","triage":"work","pushed":false}},
              {"siteId":"s2","kind":"recheck","why":{"code":"low-probability","facts":{"probability":"0.014","bound":"0.02","model":"0002"}},"verdict":"review","regionCode":"330502","regionName":"吴兴区","notBefore":"2026-09-22T03:00:00Z","notAfter":"2026-10-02T03:00:00Z","areaM2":820,"longitude":120.11,"latitude":30.86,"reasons":[{"code":"approval-partial","facts":{"permit_no":"临2026-17","kind":"temporary_land"}}],"likelihood":{"probability":0.014,"source":"model","model":"0002","asOf":"2026-10-02T03:10:00Z","triage":"recheck","pushed":false},"alertId":"a2"},
              {"siteId":"s3","kind":"setAside","why":{"code":"low-probability","facts":{"probability":"0.008","bound":"0.02","model":"0002"}},"verdict":"review","regionCode":"330502","regionName":"吴兴区","notBefore":"2026-09-12T03:00:00Z","notAfter":"2026-09-22T03:00:00Z","areaM2":640,"longitude":120.12,"latitude":30.84,"reasons":[{"code":"approval-partial","facts":{"permit_no":"临2026-09","kind":"temporary_land"}}],"likelihood":{"probability":0.008,"source":"model","model":"0002","asOf":"2026-09-22T03:10:00Z","triage":"setAside","pushed":false}}]}
            """;
        string? sent = null;
        var page = await pages.SignedInAsync(1440, 900);
        await page.RouteAsync("**/api/held-back", r => r.FulfillAsync(new() { ContentType = "application/json", Body = Held }));
        await page.RouteAsync("**/api/held-back/*/take-up", r =>
        {
            sent = r.Request.Method + " " + new Uri(r.Request.Url).AbsolutePath + " " + r.Request.PostData;
            return r.FulfillAsync(new() { Status = 200 });
        });
        await page.GotoAsync(new Uri(pages.Service.Http, "set-aside").ToString());
        await page.GetByTestId("aside-list").WaitForAsync();
        (await page.GetByTestId("aside-item").CountAsync()).ShouldBe(3);
        (await page.GetByTestId("aside-item").First.InnerTextAsync()).ShouldContain("规则从“疑似冲突”起才形成预警");
        (await page.GetByTestId("aside-take-up").CountAsync()).ShouldBe(2, "the drawn one is a warning already");
        await RunningPages.KeepAsync(page, "set-aside-1440");
        await page.GetByTestId("aside-take-up").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("aside-confirm")).ToBeDisabledAsync();
        await page.GetByTestId("aside-reason").FillAsync("群众举报");
        await page.GetByTestId("aside-confirm").ClickAsync();
        await Assertions.Expect(page.GetByTestId("aside-reason")).ToHaveCountAsync(0);
        sent.ShouldBe("POST /api/held-back/s1/take-up {\"reason\":\"群众举报\"}");
        await page.GetByTestId("aside-kind-setAside").ClickAsync();
        (await page.GetByTestId("aside-item").CountAsync()).ShouldBe(1);
        await page.SetViewportSizeAsync(390, 844);
        await page.GetByTestId("language-switch").ClickAsync();
        await RunningPages.KeepAsync(page, "set-aside-390");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        await page.Context.CloseAsync();
    }
}
