"""Settings of the section `trace`."""
