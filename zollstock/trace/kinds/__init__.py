"""Kinds of units: a module each, found by its name.

A module offers ``find(seen) -> list of Site``: the places of a network that have such units, from
what one run of it showed (`zollstock.trace.units.Seen`).
"""
