"""How many inputs hypothesis draws where a test doesn't say so itself."""

from hypothesis import settings

settings.register_profile("usual", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("few", settings.get_profile("usual"), max_examples=7)
settings.load_profile("usual")
