"""What proves the optimizers: one registration each.

It buys the suite in ``tests/nn/test_all_optimizers.py``: steps against the equations, captured
steps that equal eager's, state that makes a round trip, dtypes, groups, errors. With the name of a
PyTorch class, it buys the comparison in ``tests/peers/test_torch_optim.py`` as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

import nn

from . import equations


@dataclass(frozen=True)
class Registration:
    """The registration of an optimizer.

    Parameters
    ----------
    make : class
    follow : callable
        ``(p, gradients, rates, settings) -> p``: the equations for one number.
    options : hypothesis strategy for dict
        All settings but the learning rate.
    states : tuple of dict
        Settings that together reach every array of the state.
    torch : str, optional
        The class of ``torch.optim``.
    renamed : mapping
        Settings that PyTorch calls otherwise.
    """

    make: Callable[..., nn.optim.Optimizer]
    follow: Callable[[float, list[float], list[float], Mapping[str, Any]], float]
    options: st.SearchStrategy[dict[str, Any]] = field(repr=False)
    states: tuple[dict[str, Any], ...] = ({},)
    torch: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.make.__name__


def _or_0(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(0.0), st.floats(low, high))


BETAS = st.tuples(_or_0(0.1, 0.95), _or_0(0.3, 0.999))
EPS = st.sampled_from([1e-8, 1e-4, 0.1])
DECAY = _or_0(0.001, 0.3)
FLAG = st.booleans()


def _sgd(settings: dict[str, Any]) -> dict[str, Any]:
    if settings["nesterov"]:
        return {**settings, "dampening": 0.0, "momentum": settings["momentum"] or 0.5}
    return settings


def _rmsprop(settings: dict[str, Any]) -> dict[str, Any]:
    if settings["centered"]:  # a variance of nothing but rounding can't be compared
        return {**settings, "alpha": settings["alpha"] or 0.5, "eps": max(settings["eps"], 1e-4)}
    return settings


OPTIMIZERS = (
    Registration(
        nn.optim.SGD,
        equations.sgd,
        st.fixed_dictionaries(
            {
                "momentum": _or_0(0.01, 0.99),
                "dampening": _or_0(0.01, 0.9),
                "weight_decay": DECAY,
                "nesterov": FLAG,
                "maximize": FLAG,
            }
        ).map(_sgd),
        ({"momentum": 0.9}, {"momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1}),
        "SGD",
    ),
    Registration(
        nn.optim.RMSprop,
        equations.rmsprop,
        st.fixed_dictionaries(
            {
                "alpha": _or_0(0.3, 0.99),
                "eps": EPS,
                "weight_decay": DECAY,
                "momentum": _or_0(0.01, 0.99),
                "centered": FLAG,
                "maximize": FLAG,
            }
        ).map(_rmsprop),
        ({}, {"centered": True, "momentum": 0.5, "weight_decay": 0.1}),
        "RMSprop",
    ),
    Registration(
        nn.optim.Adagrad,
        equations.adagrad,
        st.fixed_dictionaries(
            {
                "learning_rate_decay": _or_0(0.01, 0.5),
                "weight_decay": DECAY,
                "initial_accumulator_value": _or_0(0.01, 1.0),
                "eps": EPS,
                "maximize": FLAG,
            }
        ),
        ({}, {"learning_rate_decay": 0.1, "initial_accumulator_value": 0.1}),
        "Adagrad",
        {"learning_rate_decay": "lr_decay"},
    ),
    Registration(
        nn.optim.Adadelta,
        equations.adadelta,
        st.fixed_dictionaries(
            {"rho": _or_0(0.3, 0.99), "eps": EPS, "weight_decay": DECAY, "maximize": FLAG}
        ),
        torch="Adadelta",
    ),
    Registration(
        nn.optim.Adam,
        equations.adam,
        st.fixed_dictionaries(
            {
                "betas": BETAS,
                "eps": EPS,
                "weight_decay": DECAY,
                "amsgrad": FLAG,
                "maximize": FLAG,
                "decoupled_weight_decay": FLAG,
            }
        ),
        ({}, {"amsgrad": True, "weight_decay": 0.1}),
        "Adam",
    ),
    Registration(
        nn.optim.AdamW,
        equations.adamw,
        st.fixed_dictionaries(
            {"betas": BETAS, "eps": EPS, "weight_decay": DECAY, "amsgrad": FLAG, "maximize": FLAG}
        ),
        ({}, {"amsgrad": True}),
        "AdamW",
    ),
    Registration(
        nn.optim.Adamax,
        equations.adamax,
        st.fixed_dictionaries(
            {"betas": BETAS, "eps": EPS, "weight_decay": DECAY, "maximize": FLAG}
        ),
        torch="Adamax",
    ),
    Registration(
        nn.optim.NAdam,
        equations.nadam,
        st.fixed_dictionaries(
            {
                "betas": BETAS,
                "eps": EPS,
                "weight_decay": DECAY,
                "momentum_decay": _or_0(0.001, 0.1),
                "decoupled_weight_decay": FLAG,
                "maximize": FLAG,
            }
        ),
        ({}, {"decoupled_weight_decay": True, "weight_decay": 0.1}),
        "NAdam",
    ),
    Registration(
        nn.optim.RAdam,
        equations.radam,
        st.fixed_dictionaries(
            {
                "betas": BETAS,
                "eps": EPS,
                "weight_decay": DECAY,
                "decoupled_weight_decay": FLAG,
                "maximize": FLAG,
            }
        ),
        ({}, {"decoupled_weight_decay": True, "weight_decay": 0.1}),
        "RAdam",
    ),
    Registration(
        nn.optim.Lion,
        equations.lion,
        st.fixed_dictionaries({"betas": BETAS, "weight_decay": DECAY, "maximize": FLAG}),
        ({}, {"weight_decay": 0.1}),
    ),
)
