"""Responses: `POST /v1/responses`, without anything that is stored."""
