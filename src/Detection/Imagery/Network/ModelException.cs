namespace Monitoring.Detection.Imagery.Network;

/// <summary>A network or its card cannot be used, or not for these scenes; the message is one sentence for people. No scene is to blame.</summary>
public sealed class ModelException(string message, Exception? inner = null) : ImageryException(message, inner);
