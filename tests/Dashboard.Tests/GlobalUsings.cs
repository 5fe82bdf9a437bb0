global using Case = Monitoring.Domain.Cases.Case;
