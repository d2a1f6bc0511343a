"""How far a map can be believed: whether what it names counts, holds, and lies where it should."""
