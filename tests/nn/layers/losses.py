"""The losses as layers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase

SHAPE = (4, 3)
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
OF_DIVERGENCES = st.sampled_from(["batchmean", "sum", "none"])  # PyTorch warns of the mean
Rng = np.random.Generator


def numbers(rng: Rng) -> Any:
    return rng.uniform(-2, 2, SHAPE)


def shares(rng: Rng) -> Any:
    return rng.uniform(0.05, 0.85, SHAPE)


def signs(rng: Rng) -> Any:
    return rng.choice([-1, 1], SHAPE)


def labels(rng: Rng) -> Any:
    return rng.integers(0, 3, 4)


def logarithms(rng: Rng) -> Any:
    return -rng.uniform(0.1, 3, SHAPE)


def loss(
    name: str, *draws: Callable[[Rng], Any], weights: dict[str, Any] | None = None, **options: Any
) -> Layer:
    """Register a loss: how its operands are drawn, and its options, each a strategy."""

    def case(seed: int, reduction: str, chosen: dict[str, Any], weighted: bool) -> LayerCase:
        rng = np.random.default_rng(seed)
        buffers = {k: rng.uniform(0.5, 2, shape) for k, shape in (weights or {}).items()}
        buffers = buffers if weighted else {}
        inputs = tuple(draw(rng) for draw in draws)

        def theirs(torch: Any) -> Any:
            tensors = {k: torch.tensor(v) for k, v in buffers.items()}
            return getattr(torch.nn, name)(reduction=reduction, **tensors, **chosen)

        def call(layer: Any, *operands: Any) -> Any:
            if name in ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss", "MultiLabelMarginLoss"):
                return layer(*operands)
            return layer(*(x.double() for x in operands))  # PyTorch wants floating signs

        return LayerCase(
            lambda dtype, rng: getattr(nn, name)(reduction=reduction, **buffers, **chosen),
            inputs,
            theirs,
            torch_call=call,
        )

    return Layer(
        name,
        st.builds(
            case,
            st.integers(0, 2**16),
            OF_DIVERGENCES if name == "KLDivLoss" else REDUCTIONS,
            st.fixed_dictionaries(options),
            st.booleans(),
        ),
    )


def ctc(seed: int, reduction: str, zero_infinity: bool) -> LayerCase:
    """Without a layer of PyTorch's: its gradient is only right after log_softmax."""
    rng = np.random.default_rng(seed)
    x = -rng.uniform(0.1, 3, (6, 2, 4))
    return LayerCase(
        lambda dtype, rng: nn.CTCLoss(reduction=reduction, zero_infinity=zero_infinity),
        (x, rng.integers(1, 4, (2, 3)), np.array([6, 5]), rng.integers(0, 3, 2)),
    )


SMOOTHING = st.sampled_from([0.0, 0.2])
FLAG = st.booleans()
MARGIN = st.sampled_from([0.3, 1.0])

LAYERS = [
    loss(
        "CrossEntropyLoss",
        numbers,
        labels,
        weights={"weight": 3},
        label_smoothing=SMOOTHING,
    ),
    loss("NLLLoss", logarithms, labels, weights={"weight": 3}),
    loss("BCELoss", shares, shares, weights={"weight": SHAPE}),
    loss("BCEWithLogitsLoss", numbers, shares, weights={"weight": SHAPE, "pos_weight": 3}),
    Layer("CTCLoss", st.builds(ctc, st.integers(0, 2**16), REDUCTIONS, FLAG)),
    loss("CosineEmbeddingLoss", numbers, numbers, lambda rng: signs(rng)[:, 0], margin=MARGIN),
    loss("HingeEmbeddingLoss", numbers, signs, margin=MARGIN),
    loss("MarginRankingLoss", numbers, numbers, signs, margin=MARGIN),
    loss("MultiLabelMarginLoss", numbers, lambda rng: rng.integers(-1, 3, SHAPE)),
    loss("MultiLabelSoftMarginLoss", numbers, shares, weights={"weight": 3}),
    loss(
        "MultiMarginLoss",
        numbers,
        labels,
        weights={"weight": 3},
        p=st.sampled_from([1, 2]),
        margin=MARGIN,
    ),
    loss("SoftMarginLoss", numbers, signs),
    loss("TripletMarginLoss", numbers, numbers, numbers, margin=MARGIN, swap=FLAG),
    loss("GaussianNLLLoss", numbers, numbers, shares, full=FLAG),
    loss("HuberLoss", numbers, numbers, delta=MARGIN),
    loss("KLDivLoss", logarithms, shares),
    loss("KLDivLoss", logarithms, logarithms, log_target=st.just(True)),
    loss("L1Loss", numbers, numbers),
    loss("MSELoss", numbers, numbers),
    loss("PoissonNLLLoss", numbers, shares, full=FLAG),
    loss("PoissonNLLLoss", shares, shares, log_input=st.just(False)),
    loss("SmoothL1Loss", numbers, numbers, beta=MARGIN),
]
