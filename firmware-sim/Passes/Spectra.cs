using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// Surface reflectance of every cover variant on a day: blue, green, red, nir, swir16, swir22. Pure spectra are typical values
/// of published libraries (ECOSTRESS, USGS splib07) rounded to what a 10 m sensor sees; covers mix them by season. The crop
/// calendar is that of the lower Yangtze plain: winter wheat or rape, then rice or maize.
/// </summary>
internal sealed class Spectra
{
    /// <summary>Floats from one code to the next; the last two are unused.</summary>
    public const int Stride = 8;

    private static readonly float[] Soil = [.084f, .108f, .133f, .192f, .275f, .238f];
    private static readonly float[] WetSoil = [.050f, .065f, .080f, .115f, .145f, .112f];
    private static readonly float[] Wheat = [.024f, .056f, .030f, .440f, .190f, .090f];
    private static readonly float[] Rice = [.026f, .055f, .031f, .410f, .150f, .066f];
    private static readonly float[] Maize = [.025f, .058f, .033f, .430f, .200f, .095f];
    private static readonly float[] Bloom = [.050f, .180f, .165f, .430f, .200f, .100f];
    private static readonly float[] Straw = [.072f, .114f, .148f, .285f, .310f, .225f];
    private static readonly float[] Leaf = [.019f, .042f, .022f, .375f, .150f, .064f];
    private static readonly float[] Autumn = [.028f, .056f, .064f, .270f, .185f, .096f];
    private static readonly float[] Twig = [.040f, .052f, .058f, .165f, .170f, .112f];
    private static readonly float[] Needle = [.018f, .034f, .020f, .285f, .108f, .047f];
    private static readonly float[] River = [.066f, .096f, .082f, .034f, .011f, .008f];
    private static readonly float[] Clear = [.047f, .056f, .036f, .018f, .008f, .006f];
    private static readonly float[] Algae = [.042f, .072f, .046f, .046f, .014f, .009f];
    private static readonly float[] Paddy = [.056f, .076f, .072f, .066f, .030f, .020f];
    private static readonly float[] Mud = [.082f, .104f, .118f, .132f, .120f, .090f];
    private static readonly float[] Asphalt = [.088f, .096f, .103f, .118f, .132f, .122f];
    private static readonly float[] Cement = [.185f, .208f, .224f, .248f, .272f, .258f];
    private static readonly float[] GreyTile = [.102f, .110f, .118f, .138f, .160f, .150f];
    private static readonly float[] RedTile = [.078f, .098f, .172f, .232f, .268f, .238f];
    private static readonly float[] BlueSteel = [.262f, .232f, .166f, .228f, .262f, .232f];
    private static readonly float[] WhiteSteel = [.352f, .372f, .382f, .402f, .392f, .356f];
    private static readonly float[] PlasticFilm = [.205f, .224f, .232f, .335f, .285f, .215f];
    private static readonly float[] Subsoil = [.120f, .160f, .208f, .290f, .366f, .326f];
    private static readonly float[] Formwork = [.150f, .172f, .192f, .222f, .256f, .240f];
    private static readonly float[] Char = [.032f, .034f, .038f, .066f, .098f, .102f];
    private static readonly float[] Debris = [.152f, .172f, .188f, .216f, .248f, .232f];
    private static readonly float[] Tartan = [.070f, .078f, .168f, .208f, .222f, .200f];

    private readonly double _day;
    private readonly double _moisture;
    private readonly double _light;
    private readonly float[] _table = new float[CoverCode.Count * Stride];

    public Spectra(PassConditions conditions)
    {
        // No two years are alike: the whole calendar comes some days early or late.
        var year = Chance.Dice.FromSeed(conditions.Date.Year).Between(-4, 4);
        _day = conditions.Date.DayOfYear + year;
        _moisture = conditions.Moisture;
        // What is left of the sun's height after correction to surface reflectance.
        _light = Math.Pow(Math.Sin(conditions.SunElevation * Math.PI / 180) / 0.8, 0.10);
        for (var code = 0; code < CoverCode.Count; code++) Fill((ushort)code);
    }

    /// <summary>Six bands and two zeros for each code.</summary>
    public float[] Table => _table;

    private void Fill(ushort code)
    {
        var hood = (code >> 5) & 31;
        var own = code & 31;
        var h = hood / 15.5 - 1;
        var o = own / 15.5 - 1;
        Span<double> mix = stackalloc double[6];
        Mix(CoverCode.CoverOf(code), h, o, Wrap(_day - 6 * h - 2.5 * o), mix);
        for (var b = 0; b < 6; b++) _table[code * Stride + b] = (float)(mix[b] * _light);
    }

    private static double Wrap(double day) => ((day % 365.25) + 365.25) % 365.25;

    private void Mix(Cover cover, double h, double o, double d, Span<double> r)
    {
        switch (cover)
        {
            case Cover.River: Add(r, River, 1 + 0.12 * Math.Sin(d / 58)); break;
            case Cover.Mudbank:
                var level = Math.Clamp(0.15 + Ramp(d, 130, 180) - Ramp(d, 255, 315), 0, 1);
                Add(r, River, level);
                Add(r, Mud, 1 - level);
                break;
            case Cover.Pond: Water(r, 0.5 + 0.5 * h, d, 1 + 0.25 * o); break;
            case Cover.Canal:
                Add(r, Algae, 0.45);
                Add(r, River, 0.25);
                Add(r, Leaf, 0.15 + 0.15 * Ramp(d, 85, 115) * (1 - Ramp(d, 305, 335)));
                break;
            case Cover.Lotus:
                var lotus = 0.85 * Ramp(d, 138, 180) * (1 - Ramp(d, 268, 305));
                Add(r, Rice, lotus);
                Add(r, Paddy, 1 - lotus);
                break;
            case Cover.WheatRice: Crop(r, WheatCover(d), Wheat, o, RiceCover(d), Rice, 0); break;
            case Cover.RapeRice:
                Crop(r, RapeCover(d), Wheat, o, RiceCover(d + 6), Rice, Ramp(d, 76, 86) * (1 - Ramp(d, 101, 113)));
                break;
            case Cover.WheatMaize: Crop(r, WheatCover(d), Wheat, o, MaizeCover(d), Maize, 0); break;
            case Cover.Vegetables:
                var cycle = (d / 82 + (o + 1) / 2 + h * 0.7 + 2) % 1;
                var veg = 0.15 + 0.62 * Ramp(cycle, 0.08, 0.45) * (1 - Ramp(cycle, 0.84, 0.9));
                Add(r, Maize, veg);
                Bare(r, 1 - veg, o);
                break;
            case Cover.Orchard: Woods(r, Leaf, 0.30, 0.42, d, o, Straw); break;
            case Cover.Tea:
                Add(r, Needle, 0.66 + 0.1 * o);
                Bare(r, 0.34 - 0.1 * o, o);
                break;
            case Cover.Fallow:
                var weeds = 0.18 + 0.42 * Ramp(d, 75, 150) * (1 - Ramp(d, 265, 325));
                Add(r, Maize, weeds);
                Add(r, Straw, 0.45 - 0.3 * weeds);
                Bare(r, 0.55 - 0.7 * weeds, o);
                break;
            case Cover.Film:
                Add(r, PlasticFilm, 0.82 + 0.1 * o);
                Add(r, Maize, 0.16 - 0.1 * o);
                break;
            case Cover.Broadleaf:
                var leaf = Ramp(d, 84, 112) * (1 - Ramp(d, 322, 340));
                var turning = Ramp(d, 298, 322);
                Add(r, Leaf, (0.1 + 0.82 * leaf) * (1 - turning * 0.9) * (1 + 0.16 * o));
                Add(r, Autumn, 0.82 * leaf * turning);
                Add(r, Twig, 0.85 * (1 - leaf));
                break;
            case Cover.Evergreen: Add(r, Needle, 0.95 + 0.16 * o + 0.06 * Ramp(d, 95, 150)); break;
            case Cover.Grass: Woods(r, Maize, 0.14, 0.5, d, o, Straw); break;
            case Cover.Reed: Woods(r, Rice, 0.05, 0.78, d - 18, o, Straw); break;
            case Cover.Hedge:
                var foliage = 0.42 + 0.36 * Ramp(d, 84, 114) * (1 - Ramp(d, 310, 338));
                Add(r, Leaf, foliage);
                Add(r, Twig, 0.9 - foliage);
                Bare(r, 0.12, o);
                break;
            case Cover.FieldRoad:
                Add(r, Cement, 0.42 + 0.12 * o);
                Bare(r, 0.3, o);
                Woods(r, Maize, 0.06, 0.16, d, 0, Straw);
                break;
            case Cover.Asphalt: Add(r, Asphalt, 0.95 + 0.14 * h + 0.08 * o); break;
            case Cover.Highway:
                Add(r, Asphalt, 0.62);
                Add(r, Cement, 0.34);
                break;
            case Cover.RoofGrey: Add(r, GreyTile, 1 + 0.22 * h + 0.12 * o); break;
            case Cover.RoofRed: Add(r, RedTile, 0.92 + 0.12 * h + 0.14 * o); break;
            case Cover.RoofBlue: Add(r, BlueSteel, 0.98 + 0.12 * h + 0.1 * o); break;
            case Cover.RoofWhite: Add(r, WhiteSteel, 0.88 + 0.14 * h + 0.1 * o); break;
            case Cover.Concrete: Add(r, Cement, 0.92 + 0.16 * h + 0.1 * o); break;
            case Cover.UrbanGreen:
                Woods(r, Leaf, 0.34, 0.3, d, o, Straw);
                break;
            case Cover.Track: Add(r, Tartan, 1); break;
            case Cover.BareSoil: Bare(r, 1, o); break;
            case Cover.Earthworks: Wettable(r, Subsoil, 1 + 0.14 * o, 0.16); break;
            case Cover.Foundation:
                Add(r, Formwork, 0.7 + 0.1 * o);
                Wettable(r, Subsoil, 0.3, 0.2);
                break;
            case Cover.Ploughed: Bare(r, 1 + 0.06 * o, -0.4); break;
            case Cover.Burnt:
                Add(r, Char, 0.78 + 0.12 * o);
                Bare(r, 0.22, o);
                break;
            case Cover.Cleared:
                Add(r, Twig, 0.42 + 0.16 * o);
                Bare(r, 0.35, o);
                Woods(r, Maize, 0.05, 0.22, d, 0, Straw);
                break;
            case Cover.Rubble: Add(r, Debris, 1 + 0.12 * o); break;
            default: throw new InvalidOperationException($"Cover {cover} has no spectrum.");
        }
    }

    /// <summary>Green share, dry share and open-water share of a crop on a day of the year.</summary>
    private static (double Green, double Dry, double Water) WheatCover(double d)
    {
        var sown = d > 290 ? 0.34 * Ramp(d, 318, 356) : 0.34 + 0.58 * Ramp(d, 44, 92);
        if (d is > 160 and <= 290) sown = 0;
        var ripe = d < 290 ? Ramp(d, 128, 149) : 0;
        var cut = Ramp(d, 153, 157);
        return (sown * (1 - ripe), d < 200 ? 0.86 * ripe * (1 - cut) + 0.42 * cut * (1 - Ramp(d, 157, 166)) : 0, 0);
    }

    private static (double Green, double Dry, double Water) RapeCover(double d)
    {
        var sown = d > 280 ? 0.55 * Ramp(d, 296, 345) : 0.55 + 0.36 * Ramp(d, 40, 74);
        if (d is > 155 and <= 280) sown = 0;
        var ripe = d < 280 ? Ramp(d, 122, 142) : 0;
        var cut = Ramp(d, 146, 150);
        return (sown * (1 - ripe), d < 200 ? 0.7 * ripe * (1 - cut) + 0.3 * cut * (1 - Ramp(d, 152, 162)) : 0, 0);
    }

    private static (double Green, double Dry, double Water) RiceCover(double d)
    {
        if (d is < 158 or > 325) return default;
        var ripe = Ramp(d, 266, 291);
        var cut = Ramp(d, 297, 302);
        var green = 0.92 * Ramp(d, 172, 218) * (1 - ripe);
        return (green, 0.88 * ripe * (1 - cut) + 0.4 * cut * (1 - Ramp(d, 306, 320)), 0.92 * Ramp(d, 160, 166) * (1 - Ramp(d, 182, 214)));
    }

    private static (double Green, double Dry, double Water) MaizeCover(double d)
    {
        if (d is < 158 or > 300) return default;
        var ripe = Ramp(d, 252, 272);
        var cut = Ramp(d, 278, 283);
        return (0.9 * Ramp(d, 174, 212) * (1 - ripe), 0.65 * ripe * (1 - cut) + 0.3 * cut * (1 - Ramp(d, 288, 298)), 0);
    }

    private void Crop(
        Span<double> r, (double Green, double Dry, double Water) first, float[] firstLeaf, double o,
        (double Green, double Dry, double Water) second, float[] secondLeaf, double bloom)
    {
        var green1 = first.Green * (1 + 0.08 * o);
        var green2 = second.Green * (1 + 0.05 * o);
        var dry = first.Dry + second.Dry;
        Add(r, firstLeaf, green1 * (1 - bloom * 0.85));
        Add(r, Bloom, green1 * bloom * 0.85);
        Add(r, secondLeaf, green2);
        Add(r, Straw, dry * (1 + 0.06 * o));
        var rest = Math.Max(0, 1 - green1 - green2 - dry);
        Add(r, Paddy, rest * second.Water);
        Bare(r, rest * (1 - second.Water), o);
    }

    private static void Water(Span<double> r, double algae, double d, double bright)
    {
        var bloom = algae * (0.25 + 0.75 * Ramp(d, 100, 190) * (1 - Ramp(d, 280, 340)));
        Add(r, Algae, bloom * bright);
        Add(r, Clear, (1 - bloom) * (0.75 * bright));
        Add(r, River, (1 - bloom) * 0.25 * bright);
    }

    private void Woods(Span<double> r, float[] leaf, double winter, double summer, double d, double o, float[] dry)
    {
        var green = winter + summer * Ramp(d, 74, 122) * (1 - Ramp(d, 288, 338));
        var top = winter + summer;
        Add(r, leaf, green * (1 + 0.1 * o));
        Add(r, dry, (top - green) * 0.75);
        Bare(r, (top - green) * 0.25 + (1 - top) * (1 - summer * 0.2) * (summer > 0.2 ? 1 : 0), o);
    }

    private void Bare(Span<double> r, double share, double o)
    {
        var wet = Math.Clamp(0.15 + 0.5 * _moisture, 0, 1);
        Add(r, Soil, share * (1 - wet) * (1 + 0.12 * o));
        Add(r, WetSoil, share * wet * (1 + 0.12 * o));
    }

    private void Wettable(Span<double> r, float[] spectrum, double share, double darkening) =>
        Add(r, spectrum, share * (1 - darkening * _moisture));

    private static void Add(Span<double> r, float[] spectrum, double share)
    {
        if (share <= 0) return;
        for (var b = 0; b < 6; b++) r[b] += spectrum[b] * share;
    }

    private static double Ramp(double d, double from, double to)
    {
        var t = Math.Clamp((d - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }
}
