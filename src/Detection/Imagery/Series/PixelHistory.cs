namespace Monitoring.Detection.Imagery.Series;

/// <summary>How far a pixel has been told of.</summary>
public enum PixelStage : ushort
{
    None,
    Bare,
    Built,

    /// <summary>Was told as built and then as cleared.</summary>
    Cleared,
}

/// <summary>
/// What a series of looks says of one pixel, in eleven 16-bit numbers. Times are ordinals: the n-th scene of the series, from 1; 0 = never.
/// </summary>
public record struct PixelHistory
{
    /// <summary>Fields, in the order of <see cref="Read"/> and <see cref="Write"/>.</summary>
    public const int Fields = 11;

    /// <summary>Place of <see cref="Stage"/> among them, from 1.</summary>
    public const int StageField = 8;

    /// <summary>Scale of the stored colour, which lies in [−1, 1].</summary>
    private const float ColourScale = 10_000;
    private const float ColourOffset = 20_000;

    /// <summary>Weight of the newest look in the running mean of the colour.</summary>
    private const float Newest = 0.4f;

    public ushort LastNatural { get; set; }

    /// <summary>Natural looks in a row.</summary>
    public ushort NaturalRun { get; set; }

    /// <summary>First artificial look of the present run; once told as built, the newest artificial look (<see cref="LastArtificial"/>).</summary>
    public ushort Onset { get; set; }

    /// <summary>Artificial looks since the onset.</summary>
    public ushort Run { get; set; }

    /// <summary>
    /// Natural looks since the onset that were single, and so did not end the run; once told as built, the first look of the newest natural
    /// run (<see cref="NaturalSince"/>).
    /// </summary>
    public ushort Contrary { get; set; }

    /// <summary>Artificial looks in earlier runs: what comes and goes is no building.</summary>
    public ushort Earlier { get; set; }

    public ushort StoredColour { get; set; }

    public PixelStage Stage { get; set; }

    /// <summary>Newest loss of plants that the seasonal model found: it lies after this look; 0 with <see cref="BreakBy"/> 0 = none.</summary>
    public ushort BreakAfter { get; set; }

    /// <summary>And not after this one.</summary>
    public ushort BreakBy { get; set; }

    /// <summary>Its evidence × 1000 (<see cref="Ccdc.Watch.WatchState.BreakEvidence"/>).</summary>
    public ushort BreakEvidence { get; set; }

    /// <summary>The seasonal model broke when the ground became artificial: both intervals have looks in common.</summary>
    public readonly bool BreakAgrees => BreakBy > 0 && Run > 0 && BreakBy > LastNatural && BreakAfter < Onset;

    /// <summary>Last natural look before the onset.</summary>
    public readonly bool WasNatural => LastNatural > 0;

    /// <summary>Running mean of (red − blue)/(red + blue) over artificial looks.</summary>
    public readonly float Colour => (StoredColour - ColourOffset) / ColourScale;

    /// <summary>Newest look that showed it artificial, of a pixel that was told as built; before that look for certain, not after it.</summary>
    public readonly ushort LastArtificial => Onset;

    /// <summary>First look of the newest run of natural looks, of a pixel that was told as built; 0 = none since.</summary>
    public readonly ushort NaturalSince => Contrary;

    /// <summary>Takes one look into account.</summary>
    /// <param name="ordinal">Of the scene, from 1, growing.</param>
    /// <param name="forgetBefore">Runs of which the last natural look is older than this ordinal are forgotten: a year's cycle has passed.</param>
    public void Take(GroundLook look, int ordinal, float colour, int forgetBefore)
    {
        switch (look)
        {
            case GroundLook.Natural:
                NaturalRun = Next(NaturalRun);
                if (Stage == PixelStage.Built && NaturalRun == 1)
                {
                    Contrary = (ushort)ordinal;
                }

                if (Run > 0 && NaturalRun < 2)
                {
                    // One contrary look may be a shadow, a wet day or a mask's mistake.
                    Contrary = Stage == PixelStage.Built ? Contrary : Next(Contrary);
                    return;
                }

                if (Run > 0)
                {
                    Earlier = Run >= 2 ? (ushort)Math.Min(ushort.MaxValue, Earlier + Run) : Earlier;
                    Run = 0;
                    (Onset, Contrary) = Stage == PixelStage.Built ? (Onset, Contrary) : ((ushort)0, (ushort)0);
                }

                LastNatural = (ushort)ordinal;
                break;
            case GroundLook.Artificial:
                if (Run == 0)
                {
                    Onset = (ushort)ordinal;
                    Contrary = 0;
                    Earlier = LastNatural > 0 && LastArtificialBefore(forgetBefore) ? (ushort)0 : Earlier;
                    Mix(colour, 1);
                }
                else
                {
                    Onset = Stage == PixelStage.Built ? (ushort)ordinal : Onset;
                    Mix(colour, Newest);
                }

                Run = Next(Run);
                NaturalRun = 0;
                break;
        }
    }

    /// <summary>Enough looks agree that it was natural before the onset and is artificial since.</summary>
    /// <param name="looks">Least artificial looks; a break of the seasonal model at the same time counts as one.</param>
    public readonly bool Confirmed(int looks) => WasNatural && Run >= (BreakAgrees ? looks - 1 : looks) && Earlier < 2 && Contrary * 4 <= Run;

    public static PixelHistory Read(ReadOnlySpan<ushort> fields, int pixel, int pixels) => new()
    {
        LastNatural = fields[pixel],
        NaturalRun = fields[pixels + pixel],
        Onset = fields[(2 * pixels) + pixel],
        Run = fields[(3 * pixels) + pixel],
        Contrary = fields[(4 * pixels) + pixel],
        Earlier = fields[(5 * pixels) + pixel],
        StoredColour = fields[(6 * pixels) + pixel],
        Stage = (PixelStage)fields[(7 * pixels) + pixel],
        BreakAfter = fields[(8 * pixels) + pixel],
        BreakBy = fields[(9 * pixels) + pixel],
        BreakEvidence = fields[(10 * pixels) + pixel],
    };

    public readonly void Write(Span<ushort> fields, int pixel, int pixels)
    {
        fields[pixel] = LastNatural;
        fields[pixels + pixel] = NaturalRun;
        fields[(2 * pixels) + pixel] = Onset;
        fields[(3 * pixels) + pixel] = Run;
        fields[(4 * pixels) + pixel] = Contrary;
        fields[(5 * pixels) + pixel] = Earlier;
        fields[(6 * pixels) + pixel] = StoredColour;
        fields[(7 * pixels) + pixel] = (ushort)Stage;
        fields[(8 * pixels) + pixel] = BreakAfter;
        fields[(9 * pixels) + pixel] = BreakBy;
        fields[(10 * pixels) + pixel] = BreakEvidence;
    }

    /// <summary>A natural run that began before the limit has outlived a year of crops.</summary>
    private readonly bool LastArtificialBefore(int forgetBefore) => LastNatural - NaturalRun < forgetBefore && NaturalRun > 0;

    private void Mix(float colour, float weight) =>
        StoredColour = (ushort)Math.Clamp((((1 - weight) * Colour) + (weight * colour)) * ColourScale + ColourOffset, 0, ushort.MaxValue);

    private static ushort Next(ushort count) => count == ushort.MaxValue ? count : (ushort)(count + 1);
}
