"""Where in the picture a decision comes from, and how far such maps can be believed."""
