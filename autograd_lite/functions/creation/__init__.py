"""Creation: new tensors of a shape, ranges, grids."""
