namespace Monitoring.Detection.Imagery;

/// <summary>Input that cannot be compared. The message is one sentence for people: what, where, how to mend.</summary>
public class ImageryException(string message, Exception? inner = null) : Exception(message, inner);
