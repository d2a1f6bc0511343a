"""Models: building, importing, training and preparing their input."""
