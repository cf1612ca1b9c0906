"""Learning: activations and losses."""
