"""The program as a function: generated code that does what the captured function does."""
