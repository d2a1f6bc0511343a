"""Writes the files that follow from others: settings page, JSON schema, environments."""
