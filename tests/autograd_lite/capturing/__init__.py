"""A captured function does what it does uncaptured: eager is the oracle."""
