"""Engines make paths: an image again and again, with one property changed step by step."""

from zollstock.engines.base import Engine
from zollstock.engines.registry import ENGINES, engine_for, make_engine, register

__all__ = ["ENGINES", "Engine", "engine_for", "make_engine", "register"]
