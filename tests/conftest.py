"""What holds for all tests: how many inputs hypothesis draws, and that SIGINT interrupts."""

import signal

import pytest
from hypothesis import settings

# where a test doesn't say so itself
settings.register_profile("usual", max_examples=15, deadline=None, derandomize=True)
settings.register_profile("few", settings.get_profile("usual"), max_examples=5)
settings.load_profile("usual")


@pytest.fixture(scope="session", autouse=True)
def _sigint_interrupts():
    """Handle SIGINT as in a terminal, though who started the tests ignores it, as nohup does."""
    previous = signal.getsignal(signal.SIGINT)
    if previous is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)
