"""The backward pass: ``algorithm``, and a file for each of its cares."""
