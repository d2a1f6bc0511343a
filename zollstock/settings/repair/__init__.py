"""Settings of the section `repair`."""
