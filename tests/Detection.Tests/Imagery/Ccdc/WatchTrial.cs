using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// The watch on the real NDVI stack with changes planted into it. Pixels are planted at a uniform day between the beginning of their model
/// and the end of the stack; from then on they show the new ground, on the days that are clear by the mask.
/// </summary>
internal sealed class WatchTrial
{
    private readonly NdviStack _stack;
    private readonly int _columns;
    private readonly short[][] _values;
    private readonly bool[][] _clear;
    private readonly bool[] _again;
    private readonly Run _calm;
    private readonly Dictionary<(int Look, ushort Class), double> _medians = [];

    public WatchTrial(NdviStack stack, int columns, WatchOptions options)
    {
        (_stack, _columns, Options) = (stack, columns, options);
        var dates = stack.Dates;
        _values = [.. Enumerable.Range(0, dates.Count).Select(_ => new short[stack.Pixels])];
        _clear = [.. Enumerable.Range(0, dates.Count).Select(_ => new bool[stack.Pixels])];
        _again = [.. Enumerable.Range(0, dates.Count).Select(i => i > 0 && dates.Days[i] == dates.Days[i - 1])];
        var values = new short[dates.Count];
        var quality = new ObservedAs[dates.Count];
        for (var pixel = 0; pixel < stack.Pixels; pixel++)
        {
            stack.Pixel(pixel, values, quality);
            for (var i = 0; i < values.Length; i++)
            {
                (_values[i][pixel], _clear[i][pixel]) = (values[i], quality[i] == ObservedAs.Clear);
            }
        }

        _calm = Watch(_values);
    }

    public WatchOptions Options { get; }

    /// <summary>Dates with clear pixels that were left out after the first models had begun, and how many there were.</summary>
    public (IReadOnlyList<DateOnly> LeftOut, int Looks) Screened
    {
        get
        {
            var first = _calm.Begun.Where(b => b >= 0).Min();
            int[] looks = [.. Enumerable.Range(first + 1, _stack.Dates.Count - first - 1).Where(i => !_again[i] && _clear[i].Contains(true))];
            return ([.. looks.Where(i => !_calm.Usable[i]).Select(i => DateOnly.FromDayNumber(_stack.Dates.Days[i]))], looks.Length);
        }
    }

    /// <summary>What a run of the whole stack gave, by pixel; −1 where there was none.</summary>
    /// <param name="Begun">Look at which the first model began.</param>
    /// <param name="Broken">Look that first disagreed.</param>
    /// <param name="Seen">Look that made it certain.</param>
    /// <param name="Usable">By look: whether it showed the ground.</param>
    public sealed record Run(int[] Begun, int[] Broken, int[] Seen, bool[] Usable);

    /// <summary>
    /// First breaks of pixels in which nothing was planted, and the pixel years up to them. A break lasts when the pixel, beside the median
    /// of its land-use class, afterwards is typically as low as in the lowest tenth of the looks before it: something did change there
    /// (thinned forest); nothing here uses the watch's own model.
    /// </summary>
    public (int Breaks, int Lasting, double Years) Stable(bool right)
    {
        var (breaks, lasting, days) = (0, 0, 0L);
        foreach (var pixel in Half(right).Where(p => _calm.Begun[p] >= 0))
        {
            var end = _calm.Seen[pixel] >= 0 ? _calm.Seen[pixel] : _stack.Dates.Count - 1;
            breaks += _calm.Seen[pixel] >= 0 ? 1 : 0;
            lasting += _calm.Seen[pixel] >= 0 && Lasts(pixel) ? 1 : 0;
            days += _stack.Dates.Days[end] - _stack.Dates.Days[_calm.Begun[pixel]];
        }

        return (breaks, lasting, days / 365.25);
    }

    private bool Lasts(int pixel)
    {
        double[] before = [.. Beside(pixel, 0, _calm.Broken[pixel]).Order()], after = [.. Beside(pixel, _calm.Seen[pixel] + 1, _stack.Dates.Count).Order()];
        return after.Length >= 4 && after[after.Length / 2] < before[before.Length / 10];
    }

    /// <summary>How much greener than the median of its class a pixel is, look by look.</summary>
    private IEnumerable<double> Beside(int pixel, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (!_clear[i][pixel] || _again[i])
            {
                continue;
            }

            var look = i;
            if (!_medians.TryGetValue((look, _stack.LandUse[pixel]), out var median))
            {
                short[] others = [.. Enumerable.Range(0, _stack.Pixels).Where(p => _stack.LandUse[p] == _stack.LandUse[pixel] && _clear[look][p]).Select(p => _values[look][p]).Order()];
                _medians[(look, _stack.LandUse[pixel])] = median = others[others.Length / 2];
            }

            yield return _values[i][pixel] - median;
        }
    }

    /// <summary>Plants a change into a tenth of the pixels and counts when it is told.</summary>
    /// <param name="becomes">New value from the old one.</param>
    public Planted Plant(bool right, int seed, Func<short, double> becomes)
    {
        var random = new Random(seed);
        var days = _stack.Dates.Days.ToArray();
        var at = new int[_stack.Pixels];
        var values = _values.Select(v => (short[])v.Clone()).ToArray();
        for (var pixel = 0; pixel < at.Length; pixel++)
        {
            at[pixel] = int.MaxValue;
            if (_calm.Begun[pixel] < 0 || random.NextDouble() >= 0.1)
            {
                continue;
            }

            var first = days[_calm.Begun[pixel]] + 1;
            var day = random.Next(first, days[^1] + 1);
            at[pixel] = Array.FindIndex(days, d => d >= day);
            for (var i = at[pixel]; i < days.Length; i++)
            {
                // Two hundredths of noise, about that of NDVI over a roof.
                var noise = 200 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                values[i][pixel] = (short)Math.Round(becomes(_values[i][pixel]) + noise);
            }
        }

        var run = Watch(values);
        var result = new Planted();
        foreach (var pixel in Half(right).Where(p => at[p] != int.MaxValue && !(_calm.Seen[p] >= 0 && _calm.Seen[p] < at[p])))
        {
            int[] clear = [.. Enumerable.Range(at[pixel], days.Length - at[pixel]).Where(i => _clear[i][pixel] && !_again[i])];
            int[] shown = [.. clear.Where(i => run.Usable[i])];
            var seen = run.Seen[pixel] >= at[pixel] ? run.Seen[pixel] : int.MaxValue;
            result.All++;
            result.Ever += seen < int.MaxValue ? 1 : 0;
            if (clear.Length >= 2)
            {
                result.TwoClear++;
                result.FoundInTwoClear += seen <= clear[1] ? 1 : 0;
            }

            if (shown.Length >= 2)
            {
                result.TwoShown++;
                result.FoundInTwoShown += seen <= shown[1] ? 1 : 0;
                var winter = new[] { shown[0], shown[1] }.Any(i => DateOnly.FromDayNumber(days[i]).Month is 12 or <= 3);
                result.Grown += winter ? 0 : 1;
                result.FoundGrown += !winter && seen <= shown[1] ? 1 : 0;
            }
        }

        return result;
    }

    public Run Watch(short[][] values)
    {
        var dates = _stack.Dates;
        var states = new WatchState[_stack.Pixels];
        var run = new Run(Filled(-1), Filled(-1), Filled(-1), new bool[dates.Count]);
        var watch = new TileWatch(Options);
        for (var i = 0; i < dates.Count; i++)
        {
            if (_again[i] || !_clear[i].Contains(true))
            {
                continue;
            }

            run.Usable[i] = watch.Take(states, values[i], _clear[i], dates.Days[i] - dates.Days[0] + 1, dates.Days[0] - 1).Usable;
            for (var pixel = 0; pixel < states.Length; pixel++)
            {
                if (states[pixel].Stage == WatchStage.Following && run.Begun[pixel] < 0)
                {
                    run.Begun[pixel] = i;
                }

                if (states[pixel].HasBreak && run.Seen[pixel] < 0)
                {
                    run.Seen[pixel] = i;
                    run.Broken[pixel] = dates.Days.IndexOf(states[pixel].BreakDay + dates.Days[0] - 1);
                }
            }
        }

        return run;

        int[] Filled(int value)
        {
            var all = new int[_stack.Pixels];
            all.AsSpan().Fill(value);
            return all;
        }
    }

    private IEnumerable<int> Half(bool right) => Enumerable.Range(0, _stack.Pixels).Where(p => p % _columns >= _columns / 2 == right);

    /// <summary>How many planted changes were told within two looks.</summary>
    internal sealed class Planted
    {
        /// <summary>All that were planted, also those with fewer than two looks after them.</summary>
        public int All { get; set; }

        public int Ever { get; set; }

        /// <summary>With two looks after them that are clear by the mask.</summary>
        public int TwoClear { get; set; }

        public int FoundInTwoClear { get; set; }

        /// <summary>With two looks that are clear by the mask and show the ground (no snow, no fog).</summary>
        public int TwoShown { get; set; }

        public int FoundInTwoShown { get; set; }

        /// <summary>Of these, with neither in December to March.</summary>
        public int Grown { get; set; }

        public int FoundGrown { get; set; }

        public double Share => (double)FoundInTwoShown / TwoShown;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{All} planted; two looks that show ground {FoundInTwoShown}/{TwoShown} = {Share:P1} (April to November {(double)FoundGrown / Grown:P1}); two clear by the mask {FoundInTwoClear}/{TwoClear} = {(double)FoundInTwoClear / TwoClear:P1}; ever {(double)Ever / All:P1}");
    }
}
