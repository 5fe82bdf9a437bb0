using Monitoring.Domain.Intake;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Plans that are damaged or meant to harm end in one sentence.</summary>
public sealed class HostilePlanTests
{
    private const string Head = """<XPlanAuszug xmlns="http://www.xplanung.de/xplangml/5/4" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink" gml:id="x">""";

    public static TheoryData<string, string, string> Files => new()
    {
        { "a.gml", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]>" + Head + "</XPlanAuszug>", "cannot be read" },
        { "b.gml", Head + "<gml:featureMember>" + string.Concat(Enumerable.Repeat("<a>", 3000)) + string.Concat(Enumerable.Repeat("</a>", 3000)) + "</gml:featureMember></XPlanAuszug>", "nested more than" },
        { "c.gml", Head + "<gml:featureMember>", "no well-formed XML" },
        { "d.gml", Head + "</XPlanAuszug>", "no object with a place" },
        { "e.gml", Object("<gml:Polygon srsName=\"EPSG:25832\"><gml:exterior><gml:LinearRing><gml:posList>0 0 NaN 1 1 1 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"), "no coordinates" },
        { "f.gml", Object("<gml:Polygon srsName=\"EPSG:25832\"><gml:exterior><gml:LinearRing><gml:posList>0 0 1 1 2 2</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"), "not closed" },
        { "g.gml", Head.Replace("5/4", "xx", StringComparison.Ordinal) + "</XPlanAuszug>", "no version of XPlanGML" },
        { "bomb.gml", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">" + string.Concat(Enumerable.Range(0, 9).Select(i => $"<!ENTITY {(char)('b' + i)} \"{string.Concat(Enumerable.Repeat($"&{(char)('a' + i)};", 10))}\">"))
            + "]><ogr:FeatureCollection xmlns:ogr=\"http://ogr.maptools.org/\" xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><ogr:a><ogr:t>&j;</ogr:t></ogr:a></gml:featureMember></ogr:FeatureCollection>", "cannot be read" },
        { "h.json", """{"type":"CityJSON","version":"2.0","CityObjects":{},"vertices":[]}""", "no buildings" },
        { "i.json", """{"type":"CityJSON","version":"2.0","CityObjects":{"b":{"type":"Building","geometry":[{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,9]]]}]}},"vertices":[[0,0,0],[1,0,0]]}""", "no sound CityJSON: a surface or a part names a vertex that is not there" },
        { "j.json", """{"type":"CityJSON","version":"2.0","CityObjects":{"b":{"type":"Building","geometry":[{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,2]]]}]}},"vertices":[[0,0,0],[1e999,0,0],[1,1,0]]}""", "no sound CityJSON" },
        { "k.json", """{"type":"CityJSON","version":"2.0","CityObjects":{"b":{"type":"Building","children":["b"]}},"vertices":[]}""", "no sound CityJSON" },
        { "l.json", """{"type":"CityJSON" ,""", "no sound CityJSON" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Plan_DamagedOrHostile_IsRefusedInOneSentence(string name, string text, string told)
    {
        using var folder = new TempFolder();
        var read = new MapFileReader(new PlanImportOptions()).Read(Request(ImportKind.Plan, folder.Write(name, text)), TestContext.Current.CancellationToken);
        read.Features.ShouldBeNull();
        read.Told.ShouldHaveSingleItem().ShouldContain(told);
    }

    private static string Object(string geometry) =>
        Head + $"<gml:featureMember><BP_BaugebietsTeilFlaeche gml:id=\"o\"><position>{geometry}</position></BP_BaugebietsTeilFlaeche></gml:featureMember></XPlanAuszug>";
}
