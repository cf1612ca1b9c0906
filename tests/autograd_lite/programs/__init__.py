"""Small programs of NumPy calls, drawn at random: on arrays and on tensors they do the same."""
