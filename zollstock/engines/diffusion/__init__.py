"""Engines that edit photographs with diffusion models."""
