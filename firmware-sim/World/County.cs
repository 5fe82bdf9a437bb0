using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.Devices;
using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.Passes;

namespace Monitoring.FirmwareSim.World;

/// <summary>
/// A fictional county near 119.9° E, 32.3° N: its ground, its offices' registers, its hidden truth and its devices. Made wholly
/// from <see cref="CountyOptions"/>; equal options give equal counties. Read only after <see cref="Create"/>, so it may be
/// shared between threads; a <see cref="PassRenderer"/> may not.
/// </summary>
public sealed class County
{
    private County(CountyOptions options)
    {
        Options = options;
        Dice = Dice.FromSeed(options.Seed);
        var (columns, rows) = options.Size == CountySize.Small ? (300, 300) : (1200, 1000);
        Frame = new RasterFrame(columns, rows, 119.9, 32.3);
        Layout = new Layout(Dice.For("layout"), Frame, options.Size);
        Canvas = new Canvas(columns * 2, rows * 2);
        new GroundPainter(Dice.For("ground"), Layout).Paint(Canvas);
        var towns = new TownPainter(Dice.For("town"), Layout, Canvas);
        towns.Paint();
        Zones = new Zones(Dice.For("zones"), Layout, towns);
        var planner = new SitePlanner(Dice.For("sites"), options, Layout, Canvas, Zones);
        Sites = planner.PlantSites();
        Distractors = planner.PlantDistractors();
        ControlLines = Registry.ControlLines(Zones, options);
        Permits = Registry.Permits(Sites, options);
        Parcels = Registry.Parcels(Zones, Layout, Permits);
        Schedule = new PassSchedule(Dice.For("schedule"), options);
        Devices = DeviceCatalogue.For(this);
    }

    public CountyOptions Options { get; }

    public RasterFrame Frame { get; }

    public IReadOnlyList<Division> Divisions => Zones.Divisions;

    public IReadOnlyList<ControlLineRecord> ControlLines { get; }

    public IReadOnlyList<PermitRecord> Permits { get; }

    public IReadOnlyList<ParcelRecord> Parcels { get; }

    /// <summary>The planted building sites, lawful and not: the hidden truth.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>Planted change that is not building.</summary>
    public IReadOnlyList<Distractor> Distractors { get; }

    /// <summary>When the satellite comes by.</summary>
    public PassSchedule Schedule { get; }

    /// <summary>The field devices and the things that they stand on.</summary>
    public IReadOnlyList<DeviceProfile> Devices { get; }

    internal Dice Dice { get; }

    internal Layout Layout { get; }

    internal Canvas Canvas { get; }

    internal Zones Zones { get; }

    /// <summary>Makes the county: about two seconds for the large one.</summary>
    /// <exception cref="InvalidOperationException">This seed leaves no place for a planted site.</exception>
    public static County Create(CountyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new County(options);
    }

    /// <summary>The code of the township at a place in local metres.</summary>
    internal string RegionAt(double x, double y)
    {
        var point = Zones.Boundary.Factory.CreatePoint(new NetTopologySuite.Geometries.Coordinate(x, y));
        return Divisions.Skip(1).MinBy(d => d.Shape.Distance(point))!.Code;
    }
}
