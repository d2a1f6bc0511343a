"""A finished study opened from Python. It is read and nothing else: no code of it runs."""
