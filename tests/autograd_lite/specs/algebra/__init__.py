"""The registrations of algebra."""
