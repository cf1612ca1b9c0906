"""Statistics: means, spreads, order statistics, counting."""
