"""The door for LiteLLM: it asks before a prompt goes on and before an answer leaves."""
