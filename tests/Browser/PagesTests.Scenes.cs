using System.Collections.Concurrent;

namespace Monitoring.Browser;

public sealed partial class PagesTests
{
    [Fact]
    public async Task Scenes_Opened_ShowTheNewestAndFailNowhere()
    {
        await pages.DeliverAsync(1);
        var page = await pages.SignedInAsync(1440, 900);
        var faults = new ConcurrentQueue<string>();
        page.PageError += (_, fault) => faults.Enqueue(fault);
        // What fails in a watcher or while a page is set up is told on the console and nowhere else.
        page.Console += (_, line) =>
        {
            if (line.Type == "error" && line.Text.Contains("Error", StringComparison.Ordinal))
            {
                faults.Enqueue(line.Text);
            }
        };

        await page.GotoAsync(new Uri(pages.Service.Http, "scenes").ToString());
        await page.GetByTestId("scene-item").First.WaitForAsync();
        await page.GetByTestId("second-look").WaitForAsync();

        // Away and back: the scenes are at hand then, and everything is set up at once.
        await page.GetByTestId("scene-item").First.ClickAsync();
        await page.ReloadAsync();
        await page.GetByTestId("second-look").WaitForAsync();
        await RunningPages.KeepAsync(page, "scenes-1440");

        faults.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }
}
