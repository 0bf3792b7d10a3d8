"""What LiteLLM sends to a guardrail: texts out of requests and answers of any API, and what they stand in."""
