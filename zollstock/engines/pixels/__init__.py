"""Exact edits of photographs: arithmetic on pixels, without weights. See `operations`."""
