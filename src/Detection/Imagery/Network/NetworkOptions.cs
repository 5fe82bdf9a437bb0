namespace Monitoring.Detection.Imagery.Network;

/// <summary>How networks are run.</summary>
public sealed record NetworkOptions
{
    /// <summary>Threads that one network works with, 1 to 64. Default 2. Does not change the result.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>
    /// Most bytes of the tensors that go into and come out of the network for one tile; a card that needs more is refused. Default 64 MiB,
    /// which is a tile of 1500² in two dates. What the network needs between its layers comes on top and is the same for each tile.
    /// </summary>
    public long TileBudgetBytes { get; init; } = 64L << 20;

    /// <summary>Largest model.onnx in bytes. Default 512 MiB.</summary>
    public long MostModelBytes { get; init; } = 512L << 20;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (Threads is < 1 or > 64 || TileBudgetBytes < 1 || MostModelBytes is < 1 or > int.MaxValue)
        {
            throw new ArgumentException("Out of range: Threads 1 to 64, TileBudgetBytes from 1, MostModelBytes 1 to 2 GiB.");
        }
    }
}
