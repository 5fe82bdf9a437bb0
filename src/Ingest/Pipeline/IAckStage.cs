namespace Monitoring.Ingest.Pipeline;

/// <summary>The door's last step for one message. It acknowledges only what is <see cref="Taken.Durable"/>.</summary>
public interface IAckStage
{
    void Settle(Taken taken);
}
