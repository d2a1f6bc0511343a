"""What models are trained on: a module a source of labelled pictures, imported by name."""
