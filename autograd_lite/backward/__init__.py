"""The backward pass: the algorithm, and beside it what it must care for besides."""
