using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.World;

/// <summary>Why a planted building is lawful or not.</summary>
public enum SiteReason
{
    Permitted,
    NoPermit,
    OutsideOutline,
    ExpiredPermit,
    BasicFarmland,
    RedLine,
}

/// <summary>How a site is built up.</summary>
internal enum SiteStyle
{
    Hall,
    Villas,
    Towers,
    Sheds,
    Yard,
    House,
}

/// <summary>
/// A planted building site. Earthworks run from <see cref="EarthworksFrom"/> (inclusive) to <see cref="BuildingFrom"/>,
/// building from there to <see cref="CompletedOn"/>, when the roofs are closed. Shapes are in local metres.
/// </summary>
public sealed class Site
{
    internal Site(
        string id, SiteReason reason, SiteStyle style, Box plot, Box? overreach, DateOnly earthworks, DateOnly building,
        DateOnly completed, bool reporting, bool nightWork, int look)
    {
        Id = id;
        Reason = reason;
        Style = style;
        Plot = plot;
        Overreach = overreach;
        EarthworksFrom = earthworks;
        BuildingFrom = building;
        CompletedOn = completed;
        Reporting = reporting;
        NightWork = nightWork;
        Look = look;
        Footprint = Zones.Shape(plot);
        UnlawfulPart = overreach is { } box ? Zones.Shape(box) : Lawful ? null : Footprint;
    }

    public string Id { get; }

    public SiteReason Reason { get; }

    public bool Lawful => Reason == SiteReason.Permitted;

    public DateOnly EarthworksFrom { get; }

    public DateOnly BuildingFrom { get; }

    public DateOnly CompletedOn { get; }

    /// <summary>Devices on or beside the site report its activity now.</summary>
    public bool Reporting { get; }

    /// <summary>Work goes on at night as well as by day.</summary>
    public bool NightWork { get; }

    /// <summary>The whole disturbed ground.</summary>
    public Polygon Footprint { get; }

    /// <summary>The part of the footprint without approval; null for a lawful site.</summary>
    public Polygon? UnlawfulPart { get; }

    internal SiteStyle Style { get; }

    internal Box Plot { get; }

    internal Box? Overreach { get; }

    internal int Look { get; }

    /// <summary>The buildings, in the order in which they rise.</summary>
    internal IReadOnlyList<Box> Buildings()
    {
        var p = Plot;
        Box Part(double u, double v, double w, double h)
        {
            var (x, y) = p.At(u * p.Width, v * p.Height);
            return new Box(x, y, w * p.Width, h * p.Height, p.Angle);
        }

        return Style switch
        {
            SiteStyle.Hall when p.Width > 130 => [Part(-0.24, 0, 0.42, 0.82), Part(0.24, 0, 0.42, 0.82)],
            SiteStyle.Hall => [Part(0, 0, 0.84, 0.8)],
            SiteStyle.Villas => [.. from j in (double[])[-0.25, 0.25] from i in (double[])[-0.33, 0, 0.33] select Part(i, j, 0.22, 0.3)],
            SiteStyle.Towers => [.. from j in (double[])[-0.3, 0, 0.3] from i in (double[])[-0.3, 0.02, 0.33] select Part(i, j, 0.2, 0.13)],
            SiteStyle.Sheds => [Part(0, -0.33, 0.9, 0.22), Part(0, 0, 0.9, 0.22), Part(0, 0.33, 0.9, 0.22)],
            SiteStyle.Yard => [Part(-0.3, -0.28, 0.3, 0.3), Part(0.2, -0.3, 0.4, 0.25)],
            _ => [Part(0, 0, 1, 1)],
        };
    }

    internal int HeightMeters => Style switch { SiteStyle.Towers => 48, SiteStyle.Hall => 12, SiteStyle.Villas => 10, _ => 6 };
}

/// <summary>Change that is not building: planted to tempt a detector.</summary>
/// <param name="Id">Stable name.</param>
/// <param name="Kind">ploughed, fallow, film, clear_cut, burnt, demolition.</param>
/// <param name="From">First day of the change.</param>
/// <param name="To">Day on which the ground is as before again; null where it stays changed.</param>
/// <param name="Footprint">Local metres.</param>
public sealed record Distractor(string Id, string Kind, DateOnly From, DateOnly? To, Polygon Footprint)
{
    internal Box Box { get; init; }

    internal int Look { get; init; }
}

/// <summary>An approval as the register would hold it; shape in local metres.</summary>
public sealed record PermitRecord(
    string PermitNo, string Kind, string Project, string UseCode, double? MaxHeightMeters, double? FloorAreaSquareMeters, string Status,
    DateOnly? GrantedOn, DateOnly ValidFrom, DateOnly ValidTo, string Document, Polygon Outline, string SiteId);

/// <summary>A cadastral parcel; shape in local metres.</summary>
public sealed record ParcelRecord(string ParcelId, string UseCode, string PlannedUseCode, double LegalAreaSquareMeters, Geometry Shape);

/// <summary>A binding line; shape in local metres.</summary>
public sealed record ControlLineRecord(
    string Id, string Kind, string Name, string Document, DateOnly EffectiveFrom, DateOnly? EffectiveTo, Geometry Shape);
