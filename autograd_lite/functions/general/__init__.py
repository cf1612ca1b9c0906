"""What every tensor may need: gradients, dtypes, and what other libraries ask of a namespace."""
