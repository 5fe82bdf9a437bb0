namespace Monitoring.Detection.Imagery.Drawing;

/// <summary>
/// Latin letters, digits and a few signs of 5 × 8 pixels, drawn for this program, so that pictures need no font of the machine and are
/// the same everywhere. What it lacks is drawn as a question mark.
/// </summary>
internal static class BitmapFont
{
    public const int Width = 5;
    public const int Height = 8;

    /// <summary>From one letter to the next.</summary>
    public const int Advance = Width + 1;

    /// <summary>Eight rows from the top, the last below the base line; a row is one digit of base 32 (0–9, A–V), its highest bit on the left.</summary>
    private static readonly Dictionary<char, string> Glyphs = new()
    {
        ['0'] = "EHJLPHE0", ['1'] = "4C4444E0", ['2'] = "EH1248V0", ['3'] = "V2421HE0", ['4'] = "26AIV220",
        ['5'] = "VGU11HE0", ['6'] = "68GUHHE0", ['7'] = "V1248880", ['8'] = "EHHEHHE0", ['9'] = "EHHF12C0",
        ['A'] = "EHHVHHH0", ['B'] = "UHHUHHU0", ['C'] = "EHGGGHE0", ['D'] = "SIHHHIS0", ['E'] = "VGGUGGV0", ['F'] = "VGGUGGG0", ['G'] = "EHGNHHF0",
        ['H'] = "HHHVHHH0", ['I'] = "E44444E0", ['J'] = "72222IC0", ['K'] = "HIKOKIH0", ['L'] = "GGGGGGV0", ['M'] = "HRLLHHH0", ['N'] = "HHPLJHH0",
        ['O'] = "EHHHHHE0", ['P'] = "UHHUGGG0", ['Q'] = "EHHHLID0", ['R'] = "UHHUKIH0", ['S'] = "FGGE11U0", ['T'] = "V4444440", ['U'] = "HHHHHHE0",
        ['V'] = "HHHHHA40", ['W'] = "HHHLLLA0", ['X'] = "HHA4AHH0", ['Y'] = "HHHA4440", ['Z'] = "V1248GV0",
        ['a'] = "00E1FHF0", ['b'] = "GGMPHHU0", ['c'] = "00EGGHE0", ['d'] = "11DJHHF0", ['e'] = "00EHVGE0", ['f'] = "698S8880", ['g'] = "00FHHF1E",
        ['h'] = "GGMPHHH0", ['i'] = "40C444E0", ['j'] = "206222IC", ['k'] = "GGIKOKI0", ['l'] = "C44444E0", ['m'] = "00QLLHH0", ['n'] = "00MPHHH0",
        ['o'] = "00EHHHE0", ['p'] = "00UHHUGG", ['q'] = "00DJHF11", ['r'] = "00MPGGG0", ['s'] = "00EGE1U0", ['t'] = "88S88960", ['u'] = "00HHHJD0",
        ['v'] = "00HHHA40", ['w'] = "00HHLLA0", ['x'] = "00HA4AH0", ['y'] = "00HHHF1E", ['z'] = "00V248V0",
        [' '] = "00000000", ['.'] = "00000CC0", [','] = "00000C48", [':'] = "0CC0CC00", ['-'] = "000V0000", ['_'] = "000000V0", ['/'] = "01248G00",
        ['('] = "24888420", [')'] = "84222480", ['+'] = "044V4400", ['='] = "00V0V000", ['%'] = "OP248J30", ['<'] = "248G8420", ['>'] = "84212480",
        ['?'] = "EH124040", ['#'] = "AAVAVAA0", ['\''] = "44800000", ['"'] = "AAA00000", ['²'] = "C24E0000", ['×'] = "00HA4AH0", ['→'] = "042V2400",
        ['@'] = "EHNLNGE0",
    };

    /// <summary>Whether the pixel of a letter is ink.</summary>
    public static bool IsInk(char letter, int x, int y)
    {
        var row = (Glyphs.TryGetValue(letter, out var glyph) ? glyph : Glyphs['?'])[y];
        var bits = row <= '9' ? row - '0' : row - 'A' + 10;
        return (bits >> (Width - 1 - x) & 1) != 0;
    }
}
