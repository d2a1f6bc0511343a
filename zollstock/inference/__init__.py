"""Inference: every model on every frame."""
