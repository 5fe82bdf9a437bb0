namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Means over the pixels of a patch: indices before and after, visible brightness as reflectance, score.</summary>
public sealed class PatchFacts
{
    private readonly double[] _sums = new double[12];
    private double _score;

    public int Pixels { get; private set; }

    public double PeakScore { get; private set; }

    public void Add(in PixelFacts f, float score)
    {
        Pixels++;
        _score += score;
        PeakScore = Math.Max(PeakScore, score);
        _sums[0] += f.NdviBefore;
        _sums[1] += f.NdviAfter;
        _sums[2] += f.NdbiBefore;
        _sums[3] += f.NdbiAfter;
        _sums[4] += f.MndwiBefore;
        _sums[5] += f.MndwiAfter;
        _sums[6] += f.BsiBefore;
        _sums[7] += f.BsiAfter;
        _sums[8] += f.BrightBefore / 2.0;
        _sums[9] += f.BrightAfter / 2.0;
        _sums[10] += f.RedBlueBefore;
        _sums[11] += f.RedBlueAfter;
    }

    public double MeanScore => Pixels == 0 ? 0 : _score / Pixels;

    public double NdviBefore => Mean(0);

    public double NdviAfter => Mean(1);

    public double NdbiBefore => Mean(2);

    public double NdbiAfter => Mean(3);

    public double MndwiBefore => Mean(4);

    public double MndwiAfter => Mean(5);

    public double BsiBefore => Mean(6);

    public double BsiAfter => Mean(7);

    public double BrightBefore => Mean(8);

    public double BrightAfter => Mean(9);

    public double RedBlueBefore => Mean(10);

    public double RedBlueAfter => Mean(11);

    private double Mean(int i) => Pixels == 0 ? 0 : _sums[i] / Pixels / 100;
}
