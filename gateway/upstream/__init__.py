"""The model server: requests to it, its answers and its errors."""
