namespace Monitoring.FirmwareSim.World;

/// <summary>What lies on the ground in a 5 m cell.</summary>
public enum Cover
{
    River,
    Mudbank,
    Pond,
    Canal,
    Lotus,
    WheatRice,
    RapeRice,
    WheatMaize,
    Vegetables,
    Orchard,
    Tea,
    Fallow,
    Film,
    Broadleaf,
    Evergreen,
    Grass,
    Reed,
    Hedge,
    FieldRoad,
    Asphalt,
    Highway,
    RoofGrey,
    RoofRed,
    RoofBlue,
    RoofWhite,
    Concrete,
    UrbanGreen,
    Track,
    BareSoil,
    Earthworks,
    Foundation,
    Ploughed,
    Burnt,
    Cleared,
    Rubble,
}

/// <summary>
/// A cover and one of 1024 variants in 16 bits. The high five bits of the variant are shared by a neighbourhood (its farmers
/// sow in the same week), the low five belong to the object.
/// </summary>
internal static class CoverCode
{
    public const int Variants = 1024;
    public static readonly int Count = Enum.GetValues<Cover>().Length * Variants;

    public static ushort Of(Cover cover, int neighbourhood = 16, int own = 16) =>
        (ushort)((int)cover * Variants + ((neighbourhood & 31) << 5) + (own & 31));

    public static Cover CoverOf(ushort code) => (Cover)(code / Variants);

    public static bool IsFarmland(ushort code) => CoverOf(code) is >= Cover.WheatRice and <= Cover.Fallow or Cover.Film;
}
