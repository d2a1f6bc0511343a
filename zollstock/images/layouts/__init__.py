"""Datasets as they lie on people's disks: what their files are called and where labels stand."""
