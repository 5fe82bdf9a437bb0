using System.Text.Json;
using Microsoft.Playwright;

namespace Monitoring.Browser;

public sealed partial class PagesTests
{
    private const string Versions = """
        {"active":"0002","shadow":"0003","priorRate":0.15,"promotesItself":false,"canRollBack":true,
         "outcomes":{"confirmed":612,"dismissed":1841,"examples":2210,"examplesConfirmed":560,"needed":200,"newSinceTraining":31,"retrainAfter":100},
         "versions":[
          {"version":"0003","state":"shadow","madeAt":"2026-10-02T03:20:00Z","madeBy":"system","fileHash":"1f3a","dataHash":"9c1d77aa","dataFrom":"2025-01-04T00:00:00Z","dataTo":"2026-09-28T00:00:00Z","examples":2179,"confirmed":551,"held":{"cases":650,"rate":0.252,"averagePrecision":0.681,"auc":0.874,"ece":0.021,"brier":0.118}},
          {"version":"0002","state":"active","madeAt":"2026-06-11T03:20:00Z","madeBy":"li","fileHash":"77b0","dataHash":"04fe21bb","dataFrom":"2025-01-04T00:00:00Z","dataTo":"2026-06-01T00:00:00Z","examples":1530,"confirmed":390,"held":{"cases":459,"rate":0.255,"averagePrecision":0.652,"auc":0.861,"ece":0.024,"brier":0.124}},
          {"version":"0001","state":"old","madeAt":"2026-02-01T03:20:00Z","madeBy":"system","fileHash":"c4e2","dataHash":"5b5b3310","dataFrom":"2025-01-04T00:00:00Z","dataTo":"2026-01-20T00:00:00Z","examples":820,"confirmed":214,"held":{"cases":246,"rate":0.26,"averagePrecision":0.598,"auc":0.832,"ece":0.034,"brier":0.133}}],
         "acts":[{"number":5,"at":"2026-10-02T03:20:00Z","actor":"system","act":"shadow","version":"0003","reason":"trained on 2179 outcomes"},{"number":3,"at":"2026-07-01T02:00:00Z","actor":"li","act":"promote","version":"0002","reason":"better on 310 cases"}],
         "comparison":{"cases":212,"confirmed":58,"better":true,"reason":"average precision 0.681 against 0.652 on 212 cases","current":{"cases":212,"rate":0.27,"averagePrecision":0.652,"auc":0.86,"ece":0.03,"brier":0.12},"challenger":{"cases":212,"rate":0.27,"averagePrecision":0.681,"auc":0.872,"ece":0.022,"brier":0.117}},
         "drift":{"at":"2026-11-20T00:00:00Z","rows":812,"outcomes":244,"reasons":[{"code":"feature-drift","facts":{"feature":"image_score","psi":"0.31","rows":"812"}}]},
         "lead":{"sites":37,"medianAtLeastDays":18,"medianAtMostDays":33}}
        """;

    /// <summary>Chosen by hand to look at: what the figures mean is shown by the tests of learning.</summary>
    private static string Details(string version) => JsonSerializer.Serialize(new
    {
        summary = JsonDocument.Parse(Versions).RootElement.GetProperty("versions").EnumerateArray().First(v => v.GetProperty("version").GetString() == version),
        card = "# Model card: violation " + version,
        calibration = new[] { 0.02, 0.06, 0.1, 0.16, 0.24, 0.35, 0.5, 0.68, 0.86 }.Select(p => new { stated = p, seen = Math.Min(1, p * 0.94), weight = 1.2 - p }),
        precisionRecall = Enumerable.Range(1, 40).Select(i => new { recall = i / 40.0, precision = 0.97 - (0.7 * Math.Pow(i / 40.0, 2.2)) }),
        plotCases = 212,
        plotIsHeldOut = true,
        features = new[] { new { feature = "permit_share", name = "许可覆盖比例", nameEn = "share under a permit", splits = 312 }, new { feature = "image_score", name = "影像变化置信度", nameEn = "confidence of the image detector", splits = 288 } },
    });

    [Fact]
    public async Task Model_WithoutHistoryThenWithVersions_SaysWhatIsInUseAndActsWithAReason()
    {
        var page = await pages.SignedInAsync(1440, 900);
        await page.GotoAsync(new Uri(pages.Service.Http, "model").ToString());
        await page.GetByTestId("model-empty").WaitForAsync();
        (await page.GetByTestId("model-now").InnerTextAsync()).ShouldContain("规则和先验");
        await Assertions.Expect(page.GetByTestId("model-train")).ToBeDisabledAsync();
        await RunningPages.KeepAsync(page, "model-empty-1440");

        // Nothing was learned and nothing is there to map: the layer says so and shows no numbers.
        await page.GotoAsync(new Uri(pages.Service.Http, "?layers=regions,parcels,risk,alerts").ToString());
        await page.GetByTestId("layers-button").ClickAsync();
        await Assertions.Expect(page.GetByTestId("risk-note")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("不是概率|还没有生成"));
        await RunningPages.KeepAsync(page, "risk-1440");

        string? sent = null;
        await page.RouteAsync("**/api/models", r => r.FulfillAsync(new() { ContentType = "application/json", Body = Versions }));
        await page.RouteAsync("**/api/models/*", r => r.FulfillAsync(new() { ContentType = "application/json", Body = Details(r.Request.Url[^4..]) }));
        await page.RouteAsync("**/api/models/*/promote", r =>
        {
            sent = r.Request.Method + " " + new Uri(r.Request.Url).AbsolutePath + " " + r.Request.PostData;
            return r.FulfillAsync(new() { ContentType = "application/json", Body = """{"done":true,"sentence":"Model 0003 is in use.","version":"0003"}""" });
        });
        await page.GotoAsync(new Uri(pages.Service.Http, "model").ToString());
        await page.GetByTestId("model-waiting").WaitForAsync();
        (await page.GetByTestId("model-version").CountAsync()).ShouldBe(3);
        await page.GetByTestId("model-calibration").Locator("canvas").WaitForAsync();
        await page.GetByTestId("model-pr").Locator("canvas").WaitForAsync();
        await RunningPages.KeepAsync(page, "model-1440");
        await page.GetByTestId("model-version").First.ClickAsync();
        await page.GetByTestId("model-promote").ClickAsync();
        await Assertions.Expect(page.GetByTestId("model-confirm")).ToBeDisabledAsync();
        await page.GetByTestId("model-reason").FillAsync("同样案件上更好");
        await page.GetByTestId("model-confirm").ClickAsync();
        await Assertions.Expect(page.GetByTestId("model-reason")).ToHaveCountAsync(0);
        sent.ShouldBe("POST /api/models/0003/promote {\"reason\":\"同样案件上更好\"}");

        await page.GetByTestId("language-switch").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Model");
        await page.SetViewportSizeAsync(390, 844);
        await RunningPages.KeepAsync(page, "model-versions-390");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        await page.Context.CloseAsync();
    }
}
