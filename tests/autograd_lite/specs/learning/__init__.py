"""The registrations of learning."""
