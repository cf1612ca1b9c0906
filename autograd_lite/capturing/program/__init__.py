"""The program: values, and the calls that make them."""
