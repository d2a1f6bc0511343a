"""Engines make paths: an image again and again, with one property changed step by step."""

from zollstock.engines.base import Engine, Path, PathShape
from zollstock.engines.registry import ENGINES, engine_for, make_engine, register

__all__ = ["ENGINES", "Engine", "Path", "PathShape", "engine_for", "make_engine", "register"]
