"""How many tokens a message's prompt has: `POST /v1/messages/count_tokens`."""
