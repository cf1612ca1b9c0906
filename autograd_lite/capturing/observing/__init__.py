"""A call under observation: what it is given and can reach, what must stay, what it leaves."""
