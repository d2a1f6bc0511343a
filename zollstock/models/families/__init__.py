"""Families of models: one module each, imported by name when a study uses it."""
