"""Processes that train together: what they compute, what they refuse, and how they end."""
