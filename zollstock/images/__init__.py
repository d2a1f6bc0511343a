"""Images: reading files, choosing a study's images, and the table that names them."""
