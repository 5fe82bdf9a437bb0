namespace Monitoring.Ingest;

/// <summary>
/// Carries one sentence about bad input out of a deep read to the door's edge, where it becomes a value. Never leaves the room.
/// </summary>
internal sealed class RefusedInputException(string sentence, Exception? inner = null) : Exception(sentence, inner);
