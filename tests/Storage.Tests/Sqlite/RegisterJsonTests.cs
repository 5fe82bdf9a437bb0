using System.Runtime.CompilerServices;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Sqlite;

/// <summary>
/// Rows that version 1 wrote must stay readable for ever. The golden files are never edited to make a test pass: a new form gets new files.
/// </summary>
public sealed class RegisterJsonTests
{
    [Fact]
    public void Read_AlertOfVersion1_IsWhatWasWritten() => Check("alert", An.Alert() with { Sequence = 7, AcknowledgedBy = "李四" });

    [Fact]
    public void Read_FindingOfVersion1_IsWhatWasWritten() => Check("finding", An.Finding());

    [Fact]
    public void Read_SceneOfVersion1_IsWhatWasWritten() => Check("scene", An.Scene());

    [Fact]
    public void Read_ChangeSetOfVersion1_IsWhatWasWritten() => Check("change-set", An.ChangeSet(patches: An.Patch()));

    [Fact]
    public void Read_CaseOfVersion1_IsWhatWasWritten() => Check("case", An.Case(state: CaseState.Judged));

    [Fact]
    public void Read_IndicatorValueOfVersion1_IsWhatWasWritten() => Check("indicator-value", An.Value(value: null));

    [Fact]
    public void Read_DefinitionAndTargetOfVersion1_AreWhatWasWritten()
    {
        Check("indicator-definition", An.Definition());
        Check("indicator-target", An.Target());
    }

    [Fact]
    public void Read_CutText_IsOneSentence() =>
        Should.Throw<StoreUnavailableException>(() => RegisterJson.Read<Alert>("{\"id\":\"x\"")).Message.ShouldContain("restore it from a backup");

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Write_FigureThatIsNoNumber_ComesBack(double figure)
    {
        var set = An.ChangeSet() with { Statistics = new Dictionary<string, double> { ["x"] = figure } };

        RegisterJson.Read<ChangeSet>(RegisterJson.Write(set)).Statistics["x"].ShouldBe(figure);
    }

    private static void Check<T>(string name, T value, [CallerFilePath] string here = "")
    {
        var golden = File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "Golden", $"{name}.v1.json")).TrimEnd();

        // Records hold lists, so they are compared by what they write: the old text, read and written again, is today's text of the same value.
        RegisterJson.Write(RegisterJson.Read<T>(golden)).ShouldBe(RegisterJson.Write(value));
    }
}
