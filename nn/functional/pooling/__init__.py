"""Pooling: one value for each window that slides over the last axes.

A window of several axes is pooled axis by axis, the last one first: the maximum of a rectangle is
that of its rows' maxima, and so is the sum. Each step is an op along one axis.
"""
