"""NumPy's handling of floating-point errors while a program runs, and after it."""

import warnings

import numpy as np
import pytest

from autograd_lite import capture
from autograd_lite.capturing.replay import floating


def risky(x):
    with np.errstate(over="ignore"):
        y = np.exp(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = y / (x - x)
    return z + 1e308 * np.abs(x), np.exp(2.0 * x)


@pytest.fixture(params=["by its variable", "by seterr"])
def captured(request, monkeypatch):
    if request.param == "by seterr":
        monkeypatch.setattr(floating, "_variable", lambda: None)
    captured = capture(risky, on_miss="error")
    for turn in range(4):
        captured(np.array([0.25, 0.5]) + turn / 10)
    assert captured.program.replay is not None
    return captured


def heard(function, x):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(x)
    return sorted(str(warning.message) for warning in caught)


def test_what_the_function_ignores_is_ignored_and_nothing_else(captured):
    x = np.array([5.0, 800.0])
    with np.errstate(all="warn", under="ignore"):
        assert heard(captured, x) == heard(risky, x) != []


def test_each_caller_has_settings_of_its_own(captured):
    x = np.array([5.0, 800.0])
    for settings in [{"over": "warn"}, {"over": "raise"}, {"all": "ignore"}, {"over": "warn"}] * 2:
        with np.errstate(**settings):
            if settings == {"over": "raise"}:
                with pytest.raises(FloatingPointError):
                    captured(x)
            else:
                assert heard(captured, x) == heard(risky, x)
            before = np.geterr()
        with np.errstate(**settings):
            assert np.geterr() == before


@pytest.mark.parametrize("settings", [{"all": "raise"}, {"all": "warn"}, {"over": "ignore"}])
def test_settings_are_afterwards_as_before(captured, settings):
    with np.errstate(**settings):
        before = np.geterr()
        for x in ([1.0, 2.0], [5.0, 800.0]):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    captured(np.array(x))
                except FloatingPointError:
                    assert settings == {"all": "raise"}
            assert np.geterr() == before


def test_the_variable_is_found():
    assert floating._variable() is not None


@pytest.mark.parametrize("outer", [{"all": "ignore"}, {"over": "ignore"}, {"all": "raise"}])
def test_what_the_caller_ignored_while_capturing_hides_nothing_that_the_function_ignores(outer):
    captured = capture(risky, on_miss="error")
    for turn in range(4):
        with np.errstate(**outer):
            captured(np.array([0.25, 0.5]) + turn / 10)
    x = np.array([5.0, 800.0])
    with np.errstate(all="warn", under="ignore"):
        assert heard(captured, x) == heard(risky, x) != []


def test_a_function_to_be_called_stays_the_callers():
    called = set()  # not how often: a call that confirms a program computes twice
    captured = capture(risky, on_miss="error")
    with np.errstate(all="ignore", over="call", call=lambda kind, flag: called.add(kind)):
        for _ in range(4):
            called.clear()
            captured(np.array([5.0, 800.0]))
            assert called == {"overflow"}
    assert np.geterrcall() is None
