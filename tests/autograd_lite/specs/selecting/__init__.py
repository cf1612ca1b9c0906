"""The registrations of selecting."""
