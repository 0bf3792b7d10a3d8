"""What tracing systems (OpenTelemetry) are told of requests."""
