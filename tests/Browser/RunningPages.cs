using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Monitoring.FirmwareSim.Passes;
using Monitoring.FirmwareSim.World;
using Monitoring.TestKit;

namespace Monitoring.Browser;

/// <summary>The built service over a small seeded county, and a Chromium before it. One for all browser tests.</summary>
public sealed partial class RunningPages : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private readonly TempDirectory folder = new();
    private IPlaywright? playwright;
    private IBrowser? browser;
    private string password = "";
    private int delivered;

    internal County County { get; private set; } = null!;

    internal ServiceProcess Service { get; private set; } = null!;

    public string World => Path.Combine(folder.Path, "world");

    private string Data => Path.Combine(folder.Path, "data");

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.SkipUnless(File.Exists(Chromium), $"{Chromium} is not installed.");
        County = County.Create(new CountyOptions { Size = CountySize.Small, Seed = 7, Today = new DateOnly(2026, 11, 20) });
        WorldFiles.Write(County, World);
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "monitoring.json"), """{ "demonstration": true }""", stop);
        foreach (var kind in new[] { "regions", "control-lines", "parcels", "permits" })
        {
            var (code, output) = await ServiceProcess.RunAsync(stop, "import", kind, Path.Combine(World, kind + ".geojson"), "--data", Data);
            code.ShouldBe(0, output);
        }

        var devices = await ServiceProcess.RunAsync(stop, "import", "devices", Path.Combine(World, "devices.json"), "--data", Data);
        devices.ExitCode.ShouldBe(0, devices.Output);
        Service = await ServiceProcess.StartAsync(Data, stop);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        password = FirstPassword().Match(Service.Output).Groups["password"].Value;
        await ChangeFirstPasswordAsync();
    }

    /// <summary>A page of a signed-in person; Chinese as the browser's language.</summary>
    public async Task<IPage> SignedInAsync(int width, int height, string locale = "zh-CN")
    {
        var page = await NewPageAsync(width, height, locale);
        await page.GotoAsync(Service.Http.ToString());
        await SignInAsync(page);
        await page.GetByTestId("connection-state").WaitForAsync();
        return page;
    }

    /// <summary>The next passes of the schedule, through the service's own inbox command.</summary>
    public async Task DeliverAsync(int passes)
    {
        var renderer = new PassRenderer(County);
        var outbox = Path.Combine(folder.Path, "passes");
        foreach (var day in County.Schedule.Dates().Skip(delivered).Take(passes))
        {
            var (_, item) = PassFiles.Deliver(outbox, County, renderer.Render(day));
            var (code, output) = await ServiceProcess.RunAsync(TestContext.Current.CancellationToken, "scenes", "add", item, "--data", Data);
            code.ShouldBe(0, output);
            delivered++;
        }
    }

    /// <summary>Keeps a picture as a test artefact, to be looked at.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Monitoring.sln")))
        {
            root = root.Parent!;
        }

        await page.ScreenshotAsync(new() { Path = Path.Combine(root.FullName, "artifacts", "screenshots", name + ".png") });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (Service is not null)
        {
            await Service.DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task<IPage> NewPageAsync(int width, int height, string locale)
    {
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, Locale = locale });
        context.SetDefaultTimeout(120_000);
        return await context.NewPageAsync();
    }

    private async Task SignInAsync(IPage page)
    {
        var form = page.GetByTestId("sign-in-form");
        await form.Locator("input[name=user]").FillAsync("admin");
        await form.Locator("input[name=password]").FillAsync(password);
        await form.Locator("button[type=submit]").ClickAsync();
    }

    private async Task ChangeFirstPasswordAsync()
    {
        var page = await NewPageAsync(1440, 900, "zh-CN");
        await page.GotoAsync(Service.Http.ToString());
        await SignInAsync(page);
        var form = page.GetByTestId("password-form");
        await form.WaitForAsync();
        var next = "Watch-the-land-7!";
        await form.Locator("input[name=current]").FillAsync(password);
        await form.Locator("input[name=next]").FillAsync(next);
        await form.Locator("input[name=again]").FillAsync(next);
        await form.Locator("button[type=submit]").ClickAsync();
        await form.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        password = next;
        await page.Context.CloseAsync();
    }

    [GeneratedRegex(@"first sign-in: user (?<user>\S+) password (?<password>\S+)")]
    private static partial Regex FirstPassword();
}
