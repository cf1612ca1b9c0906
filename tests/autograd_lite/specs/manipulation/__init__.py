"""The registrations of manipulation."""
