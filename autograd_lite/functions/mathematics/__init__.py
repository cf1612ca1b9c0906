"""Mathematics: elementwise functions, sums and products, polynomials, calculus."""
