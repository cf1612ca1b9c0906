"""The tasks of the benchmarks, one a file, each as the users of each framework would write it."""
