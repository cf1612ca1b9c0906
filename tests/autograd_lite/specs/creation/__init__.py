"""The registrations of creation."""
