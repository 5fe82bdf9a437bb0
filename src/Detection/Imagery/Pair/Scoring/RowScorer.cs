using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Pair.Scoring;

/// <summary>
/// Scores some columns of a pair row by row. Each row is decoded, carried onto the common radiometry, flagged, and folded into the few
/// rows that the neighbourhoods need, so that a scene of any height costs the memory of a handful of rows. What a row's score needs
/// lies three rows below it: <see cref="Add"/> of row y finishes row y − 3.
/// </summary>
/// <remarks>Not thread-safe. Holds all memory it needs from the start.</remarks>
internal sealed class RowScorer
{
    /// <summary>How far a score looks in each direction: 3 × 3 mean over 3 × 3 sums of central differences.</summary>
    public const int Reach = 3;

    private readonly PairModel _model;
    private readonly BandIndex _bands;
    private readonly int _outerLeft;
    private readonly int _outer;
    private readonly int _lastRow;
    private readonly Ring _before, _after;
    private readonly PaddedRows _magnitudes, _valid, _scratch;
    private readonly byte[] _flags, _clear, _levels;
    private readonly float[] _floors, _slopes;
    private readonly int _firstRow;
    private readonly int _least;
    private int _next;

    /// <param name="left">First column that is scored.</param>
    /// <param name="width">Columns that are scored.</param>
    /// <param name="from">First column that may be looked at, at most <see cref="Reach"/> before <paramref name="left"/>.</param>
    /// <param name="to">One past the last column that may be looked at.</param>
    /// <param name="firstRow">First row that will be added.</param>
    /// <param name="rows">How many will be.</param>
    /// <param name="least">Level from which on levels are asked for, [0, 254]: one below it may be told too high, but stays below it.</param>
    public RowScorer(PairModel model, BandPairing pairing, int left, int width, int from, int to, int firstRow, int rows, int least = 0)
    {
        (_model, _bands, _least) = (model, new BandIndex(pairing), least);
        (Left, Width) = (left, width);
        _outerLeft = Math.Max(from, left - Reach);
        _outer = Math.Min(to, left + width + Reach) - _outerLeft;
        (_firstRow, _next, _lastRow) = (firstRow, firstRow, firstRow + rows - 1);
        (_before, _after) = (new Ring(_bands.Count, _outer), new Ring(_bands.Count, _outer));
        (_magnitudes, _valid, _scratch) = (new PaddedRows(3, _outer), new PaddedRows(6, _outer), new PaddedRows(10, _outer));
        (_floors, _slopes) = ([.. model.Noise.Select(n => (float)n.Floor)], [.. model.Noise.Select(n => (float)n.Slope)]);
        (_flags, _clear, _levels) = (new byte[PaddedRow.StrideOf(_outer)], new byte[PaddedRow.StrideOf(_outer)], new byte[PaddedRow.StrideOf(_outer)]);
    }

    /// <summary>Bytes that a scorer holds.</summary>
    public static long BytesOf(int bands, int width) => PaddedRow.StrideOf(width + (2 * Reach)) * ((((2L * 9 * bands) + 3 + 6 + 10) * sizeof(float)) + 3);

    /// <summary>First scored column.</summary>
    public int Left { get; }

    /// <summary>Scored columns.</summary>
    public int Width { get; }

    /// <summary>The row that the last call finished; before the first row while there is none.</summary>
    public int Row => _next - 1 - Reach;

    public bool HasRow => Row >= _firstRow;

    /// <summary>Scores of <see cref="Row"/> in steps of 1/<see cref="PairDetector.ScoreSteps"/>; 255 = not observed.</summary>
    public ReadOnlySpan<byte> Levels => _levels.AsSpan(Left - _outerLeft, Width);

    /// <summary>False where no level of <see cref="Row"/> that was observed reaches the least that is asked for.</summary>
    public bool MayReachLeast { get; private set; }

    /// <summary>What the pixels of the row that was added last look like; of a row past the last, empty.</summary>
    public ReadOnlySpan<byte> Flags => _flags.AsSpan(Left - _outerLeft, Width);

    /// <summary>1 where the row that was added last is observed on both dates, else 0.</summary>
    public ReadOnlySpan<byte> Clear => _clear.AsSpan(Left - _outerLeft, Width);

    /// <summary>Whether <see cref="Clear"/> is known to hold no 0, without looking.</summary>
    public bool IsAllClear { get; private set; }

    /// <summary>Takes the next row, from the first to the last.</summary>
    public void Add(int y, StoredPixels before, StoredPixels after)
    {
        if (y != _next || y > _lastRow)
        {
            throw new ArgumentOutOfRangeException(nameof(y), y, $"Row {_next} comes next, the last is {_lastRow}.");
        }

        Difference(y, before, after);
        Array.Clear(_flags);
        Settle(
            y,
            Mark(y, before, _model.DecodingBefore, 0, PixelFlags.ProductCloudBefore),
            Mark(y, after, _model.DecodingAfter, 1, PixelFlags.ProductCloudAfter));
        if (_model.Calibrated && _bands.SeesClouds)
        {
            LookAtSky(y, before, after);
        }

        _next++;
        Finish();
    }

    /// <summary>Goes on past the last row, <see cref="Reach"/> times in all, to finish the rows that wait for what lies below.</summary>
    public void AddNothing()
    {
        var past = _next - _lastRow;
        if (past is < 1 or > Reach)
        {
            throw new InvalidOperationException("There are rows to come, or none left to finish.");
        }

        _next++;
        _valid.Clear((_next - 1) % 6, 1);
        if (past == 1)
        {
            Energies(_lastRow, below: _lastRow);
        }
        else
        {
            ClearEnergies(_next - 2);
        }

        var row = _next - Reach;
        ColumnSums(row);
        if (row >= _firstRow && row <= _lastRow)
        {
            Total.Span(PaddedRow.Padded(_outer)).Clear();
            for (var k = 0; k < _bands.Count; k++)
            {
                AddDifference(k, row);
            }
        }

        Finish();
    }

    /// <summary>The row whose textures are complete, one below <see cref="Row"/>; before the first row while there is none.</summary>
    public int TextureRow => _next - Reach;

    /// <summary>Adds the difference and the smaller texture at a column of <see cref="TextureRow"/>, for each band, when it may be used.</summary>
    public void Sample(int x, List<float>[] differences, List<float>[] textures)
    {
        var row = TextureRow;
        var at = x - _outerLeft;
        if (Valid(row)[at] == 0)
        {
            return;
        }

        for (var k = 0; k < _bands.Count; k++)
        {
            differences[k].Add(Roots(_after, k, row)[at] - Roots(_before, k, row)[at]);
            textures[k].Add(Math.Min(Texture(_before, k, row, at), Texture(_after, k, row, at)));
        }
    }

    /// <summary>Adds the later date at a column of <see cref="TextureRow"/>, when both dates saw it.</summary>
    public void Tally(int x, Objects.SceneTally tally)
    {
        var row = TextureRow;
        var at = x - _outerLeft;
        if (Valid(row)[at] == 0)
        {
            return;
        }

        var after = Objects.RoleValues.Missing;
        var texture = 0f;
        for (var k = 0; k < _bands.Count; k++)
        {
            texture += MathF.Sqrt(Texture(_after, k, row, at));
            if (_bands.RoleOf(k) is var role && role < BandRole.Other)
            {
                var root = Math.Max(0, Roots(_after, k, row)[at]);
                after[(int)role] = root * root;
            }
        }

        tally.Add(after, texture / _bands.Count);
    }

    /// <summary>What columns [from, to) of <see cref="Row"/> add to the sums of the object they lie in.</summary>
    public void AddTo(int from, int to, Span<float> sums) => ObjectLanes.Add(this, from - _outerLeft, to - _outerLeft, sums);

    internal BandIndex Bands => _bands;

    internal PairModel Model => _model;

    /// <summary>Variance of the difference of an unchanged pixel: floor + slope · texture.</summary>
    internal (float Floor, float Slope) NoiseOf(int band) => (_floors[band], _slopes[band]);

    internal PaddedRow RootsBefore(int band) => Roots(_before, band, Row);

    internal PaddedRow RootsAfter(int band) => Roots(_after, band, Row);

    internal PaddedRow ColumnsBefore(int band) => Columns(_before, band, Row);

    internal PaddedRow ColumnsAfter(int band) => Columns(_after, band, Row);

    internal PaddedRow Scores => Scratch(9);

    /// <summary>What the bands' differences of the last complete row come to, band by band so that a band's rows stay near.</summary>
    private void Difference(int y, StoredPixels before, StoredPixels after)
    {
        var row = y - 2;
        if (row == _firstRow)
        {
            ClearEnergies(row - 1);
        }

        Total.Span(PaddedRow.Padded(_outer)).Clear();
        for (var k = 0; k < _bands.Count; k++)
        {
            Decode(k, y, before, _before, _model.DecodingBefore[k]);
            Decode(k, y, after, _after, _model.DecodingAfter[k]);
            if (row >= _firstRow)
            {
                Texture(_before, k, row);
                Texture(_after, k, row);
                AddDifference(k, row);
            }
            else if (y > _firstRow)
            {
                Energy(_before, k, y - 1, below: y);
                Energy(_after, k, y - 1, below: y);
            }
        }
    }

    private void Decode(int k, int y, StoredPixels stored, Ring ring, in RowMath.Decoding decoding)
    {
        var roots = Roots(ring, k, y);
        var at = stored.At(k, _outerLeft, y);
        if (stored.Whole.Length > 0)
        {
            RowMath.Roots(stored.Whole.AsSpan(at), decoding, roots, _outer, y < _lastRow ? stored.At(k, _outerLeft, y + 1) - at : 0);
        }
        else
        {
            RowMath.Roots(stored.Real.AsSpan(at), decoding, roots, _outer);
        }

        // Edge pixels repeat, so that a gradient at the scene's edge has one side.
        roots.Fence(_outer, roots[0], roots[_outer - 1]);
    }

    /// <summary>Which pixels of a row one date knows, and what its product says of them.</summary>
    /// <returns>False when it knows them all; then nothing is marked.</returns>
    private bool Mark(int y, StoredPixels stored, RowMath.Decoding[] decodings, int date, byte cloudy)
    {
        if (stored.Quality.Length == 0 && RowGaps.AreNone(stored, y, _outerLeft, _outer, decodings))
        {
            return false;
        }

        PaddedRow present = Scratch(date * 2), filled = Scratch((date * 2) + 1);
        present.Span(_outer).Fill(1);
        filled.Span(_outer).Clear();
        RowGaps.Mark(stored, y, _outerLeft, _outer, decodings, present, filled);
        if (stored.Quality.Length > 0)
        {
            var quality = stored.Quality.AsSpan(stored.At(_outerLeft, y), _outer);
            for (var x = 0; x < quality.Length; x++)
            {
                if (quality[x] != PixelQuality.Clear)
                {
                    present[x] = 0;
                    _flags[x] |= quality[x] is PixelQuality.Cloud or PixelQuality.Shadow ? cloudy : (byte)0;
                }
            }
        }

        return true;
    }

    /// <summary>Which pixels of a row both dates know, of what each has marked.</summary>
    private void Settle(int y, bool marksBefore, bool marksAfter)
    {
        var valid = Valid(y);
        for (var x = 0; x < _outer; x += PaddedRow.Lanes)
        {
            var known = Vector512<float>.One;
            known = marksBefore ? known * Scratch(0).Load(x) * Scratch(1).Load(x) : known;
            known = marksAfter ? known * Scratch(2).Load(x) * Scratch(3).Load(x) : known;
            valid.Store(x, known);
        }

        // What stands beyond the row has no say in its neighbours' means.
        valid.Span(PaddedRow.Padded(_outer) + 1)[_outer..].Clear();
        valid.Fence(_outer, 0, 0);
        RowMath.Bytes(valid, _clear, _outer);
        IsAllClear = !marksBefore && !marksAfter;
    }

    /// <summary>Cloud and shadow flags of a row.</summary>
    private void LookAtSky(int y, StoredPixels before, StoredPixels after)
    {
        var visible = (_bands.Blue, _bands.Green, _bands.Red);
        PaddedRow blueBefore = Roots(_before, _bands.Blue, y), blueAfter = Roots(_after, _bands.Blue, y);
        var visibleBefore = new VisibleRows(before, y, _outerLeft, visible, _model.DecodingBefore, blueBefore);
        var visibleAfter = new VisibleRows(after, y, _outerLeft, visible, _model.DecodingAfter, blueAfter);
        var infrared = _bands.Swir16 >= 0 ? _bands.Swir16 : _bands.Nir;
        var seesShadow = _bands.Nir >= 0;
        PaddedRow nirBefore = seesShadow ? Roots(_before, _bands.Nir, y) : default, nirAfter = seesShadow ? Roots(_after, _bands.Nir, y) : default;
        PaddedRow swirBefore = seesShadow ? Roots(_before, infrared, y) : default, swirAfter = seesShadow ? Roots(_after, infrared, y) : default;
        for (var x = 0; x < _outer; x += PaddedRow.Lanes)
        {
            var brightBefore = SkyMath.Bright(visibleBefore, x);
            var brightAfter = SkyMath.Bright(visibleAfter, x);
            if ((brightBefore | brightAfter) != 0)
            {
                var (fell, rose) = SkyMath.Brightened(blueBefore, blueAfter, x);
                Flag(x, brightBefore & fell, PixelFlags.BrightBefore);
                Flag(x, brightAfter & rose, PixelFlags.BrightAfter);
            }

            if (seesShadow)
            {
                var (darkBefore, darkAfter) = SkyMath.Darkened(nirBefore, nirAfter, swirBefore, swirAfter, x);
                Flag(x, darkBefore, PixelFlags.DarkBefore);
                Flag(x, darkAfter, PixelFlags.DarkAfter);
            }
        }
    }

    private void Flag(int x, ulong lanes, byte flag)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            _flags[x + System.Numerics.BitOperations.TrailingZeroCount(lanes)] |= flag;
        }
    }

    private CoverRows Cover(Ring ring, int y)
    {
        var water = _bands.Green >= 0 && _bands.Swir16 >= 0;
        PaddedRow red = Roots(ring, _bands.Red, y), nir = Roots(ring, _bands.Nir, y);
        return new CoverRows(red, nir, water ? Roots(ring, _bands.Green, y) : red, water ? Roots(ring, _bands.Swir16, y) : nir, water);
    }

    private void Energies(int row, int below)
    {
        for (var k = 0; k < _bands.Count; k++)
        {
            Energy(_before, k, row, below);
            Energy(_after, k, row, below);
        }
    }

    private void Energy(Ring ring, int k, int row, int below) =>
        RowMath.GradientEnergy(Roots(ring, k, Math.Max(_firstRow, row - 1)), Roots(ring, k, row), Roots(ring, k, below), Energies(ring, k, row), _outer);

    /// <summary>Sums of the energy around a row, whose next row's own is not yet known.</summary>
    private void Texture(Ring ring, int k, int row)
    {
        var sums = Columns(ring, k, row);
        RowMath.GradientEnergy(
            Roots(ring, k, row), Roots(ring, k, row + 1), Roots(ring, k, row + 2), Energies(ring, k, row + 1), Energies(ring, k, row - 1), Energies(ring, k, row), sums, _outer);
        sums.Fence(_outer, 0, 0);
    }

    private void AddDifference(int k, int row) =>
        RowMath.AddNormalisedSquare(Roots(_before, k, row), Roots(_after, k, row), Columns(_before, k, row), Columns(_after, k, row), _floors[k], _slopes[k], Total, _outer);

    private void ClearEnergies(int row)
    {
        _before.Energies.Clear(EnergyRow(0, row), _bands.Count);
        _after.Energies.Clear(EnergyRow(0, row), _bands.Count);
    }

    /// <summary>Sums of three rows of energy around a row; rows outside count as nothing.</summary>
    private void ColumnSums(int row)
    {
        if (row < _firstRow)
        {
            return;
        }

        if (row == _firstRow)
        {
            ClearEnergies(row - 1);
        }

        foreach (var ring in (ReadOnlySpan<Ring>)[_before, _after])
        {
            for (var k = 0; k < _bands.Count; k++)
            {
                var sums = Columns(ring, k, row);
                RowMath.Sum(Energies(ring, k, row - 1), Energies(ring, k, row), Energies(ring, k, row + 1), sums, _outer);
                sums.Fence(_outer, 0, 0);
            }
        }
    }

    /// <summary>Magnitude of the row whose differences are known, then score of the row above it.</summary>
    private void Finish()
    {
        var row = _next - Reach;
        if (row < _firstRow)
        {
            return;
        }

        var magnitude = Magnitude(row);
        if (row > _lastRow)
        {
            magnitude.Span(_outer).Clear();
        }
        else
        {
            RowMath.Magnitude(Total, Valid(row), _bands.Count, magnitude, _outer);
        }

        magnitude.Fence(_outer, 0, 0);
        if (!HasRow)
        {
            // The row above the first has no magnitude.
            Magnitude(row - 1).Span(_outer).Clear();
            Magnitude(row - 1).Fence(_outer, 0, 0);
            Valid(row - 1).Span(_outer).Clear();
            Valid(row - 1).Fence(_outer, 0, 0);
            return;
        }

        RowMath.Score(Magnitude(Row - 1), Magnitude(Row), magnitude, Valid(Row - 1), Valid(Row), Valid(row), Scores, _outer);
        Weigh();
        RowMath.Quantise(Scores, Valid(Row), PairDetector.ScoreSteps, _levels, _outer);
    }

    /// <summary>
    /// Scores of <see cref="Row"/> times what differences count there. No weight is above 1, so that what does not reach the least level
    /// without it does not with it, and few pixels do.
    /// </summary>
    private void Weigh()
    {
        var weighs = _model.Calibrated && _bands.SeesCover;
        CoverRows before = weighs ? Cover(_before, Row) : default, after = weighs ? Cover(_after, Row) : default;
        var least = Vector512.Create((float)_least / PairDetector.ScoreSteps);
        MayReachLeast = false;
        for (var x = 0; x < _outer; x += PaddedRow.Lanes)
        {
            var score = Scores.Load(x);
            if (!Vector512.GreaterThanOrEqualAny(score, least))
            {
                continue;
            }

            MayReachLeast = true;
            if (weighs)
            {
                Scores.Store(x, score * SkyMath.Weight(before, after, x));
            }
        }
    }

    private float Texture(Ring ring, int band, int row, int at)
    {
        var columns = Columns(ring, band, row);
        return columns[at - 1] + columns[at] + columns[at + 1];
    }

    // Rows may be one before the first, so that "before" is never negative: + 12 is a multiple of all ring lengths.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Roots(Ring ring, int band, int row) => ring.Roots[((row + 12) % 4 * _bands.Count) + band];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Columns(Ring ring, int band, int row) => ring.Columns[((row + 12) % 2 * _bands.Count) + band];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Energies(Ring ring, int band, int row) => ring.Energies[EnergyRow(band, row)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int EnergyRow(int band, int row) => ((row + 12) % 3 * _bands.Count) + band;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Magnitude(int row) => _magnitudes[(row + 12) % 3];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Valid(int row) => _valid[(row + 12) % 6];

    private PaddedRow Total => Scratch(8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PaddedRow Scratch(int i) => _scratch[i];

    /// <summary>The rows of one date that neighbourhoods still need.</summary>
    private sealed class Ring(int bands, int width)
    {
        /// <summary>Four rows of each band.</summary>
        public readonly PaddedRows Roots = new(4 * bands, width);

        /// <summary>Gradient energy, three rows of each band.</summary>
        public readonly PaddedRows Energies = new(3 * bands, width);

        /// <summary>Sums of three rows of energy, two rows of each band.</summary>
        public readonly PaddedRows Columns = new(2 * bands, width);
    }
}
