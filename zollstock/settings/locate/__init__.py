"""Settings of the section `locate`."""
