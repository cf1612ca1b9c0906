"""Creation: new tensors of a given shape, ranges and grids."""
