"""Figures: drawn from tables and stores, no number made here."""
