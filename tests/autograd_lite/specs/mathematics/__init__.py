"""The registrations of mathematics."""
