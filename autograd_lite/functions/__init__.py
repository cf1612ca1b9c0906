"""The public functions over tensors, by family; ``autograd_lite`` gives them all.

Each takes tensors, arrays, numbers or nested sequences and returns a Tensor. The NumPy function
of the same name does the same when it is given a Tensor.
"""
