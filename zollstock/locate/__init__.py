"""Where in the picture a decision comes from."""
