"""Several conversations in one request: `POST /v1/chat/completions/batch`, which vLLM alone has."""
