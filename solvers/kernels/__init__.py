"""What Python is too slow for."""
