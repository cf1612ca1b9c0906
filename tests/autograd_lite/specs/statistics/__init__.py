"""The registrations of statistics."""
