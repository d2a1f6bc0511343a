"""The project's own small image editor: built, trained and examined here."""
