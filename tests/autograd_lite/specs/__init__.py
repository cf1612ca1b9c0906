"""One registration for each op: what it is compared with, and on which cases.

Each family has a module with its ``SPECS``.
"""
