"""Documents in the order of what they have to do with a query: `POST /v1/rerank`."""
