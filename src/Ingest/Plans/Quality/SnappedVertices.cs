namespace Monitoring.Ingest.Plans.Quality;

/// <summary>
/// Gives corners closer than a tolerance one number: linear time by a grid of cells twice the tolerance wide. The first corner of a
/// place stands for all; chains of corners are not drawn together. For one thread at a time.
/// </summary>
internal sealed class SnappedVertices(double tolerance)
{
    private readonly Dictionary<(long, long), int> _heads = [];
    private readonly List<int> _next = [];
    private readonly List<double> _x = [];
    private readonly List<double> _y = [];

    public int Count => _x.Count;

    public double X(int vertex) => _x[vertex];

    public double Y(int vertex) => _y[vertex];

    public int IdOf(double x, double y)
    {
        var cell = 2 * tolerance;
        long fromX = (long)Math.Floor((x - tolerance) / cell), toX = (long)Math.Floor((x + tolerance) / cell);
        long fromY = (long)Math.Floor((y - tolerance) / cell), toY = (long)Math.Floor((y + tolerance) / cell);
        for (var column = fromX; column <= toX; column++)
        {
            for (var row = fromY; row <= toY; row++)
            {
                for (var at = _heads.GetValueOrDefault((column, row), -1); at >= 0; at = _next[at])
                {
                    double dx = _x[at] - x, dy = _y[at] - y;
                    if ((dx * dx) + (dy * dy) <= tolerance * tolerance)
                        return at;
                }
            }
        }

        var key = ((long)Math.Floor(x / cell), (long)Math.Floor(y / cell));
        var id = _x.Count;
        _x.Add(x);
        _y.Add(y);
        _next.Add(_heads.GetValueOrDefault(key, -1));
        _heads[key] = id;
        return id;
    }
}
