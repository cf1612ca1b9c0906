"""Activations; ``test_activations.py`` looks at their kinks and extremes."""

from typing import Any

from hypothesis import strategies as st

import nn

from . import Layer, LayerCase, arrays_of

ANY = arrays_of(()) | arrays_of((3,)) | arrays_of((4, 3)) | arrays_of((2, 2, 3, 2), -9.0, 9.0)
IMAGES = arrays_of((2, 3, 2, 2)) | arrays_of((3, 2, 2))
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "CELU": [{}, {"alpha": 0.5}, {"alpha": 2.0}],
    "ELU": [{}, {"alpha": 0.5}],
    "GELU": [{}, {"approximate": "tanh"}],
    "GLU": [{}],
    "Hardshrink": [{}, {"lambd": 1.0}, {"lambd": -1.0}],
    "Hardsigmoid": [{}],
    "Hardswish": [{}],
    "Hardtanh": [{}, {"min_val": -0.5, "max_val": 1.5}],
    "LeakyReLU": [{}, {"negative_slope": 0.3}, {"negative_slope": -2.0}],
    "LogSigmoid": [{}],
    "Mish": [{}],
    "ReLU": [{}],
    "ReLU6": [{}],
    "RReLU": [{}, {"lower": 0.3, "upper": 0.5}],
    "SELU": [{}],
    "Sigmoid": [{}],
    "SiLU": [{}],
    "Softplus": [{}, {"beta": 2.0, "threshold": 3.0}, {"beta": 0.5}],
    "Softshrink": [{}, {"lambd": 1.0}],
    "Softsign": [{}],
    "Tanh": [{}],
    "Tanhshrink": [{}],
    "Threshold": [{"threshold": 0.5, "value": 3.0}, {"threshold": -1.0, "value": 0.0}],
}


def elementwise(name: str) -> Layer:
    def case(options: dict[str, Any], training: bool, x: Any) -> LayerCase:
        def make(dtype: Any, rng: Any) -> nn.Module:
            kind = getattr(nn, name)
            return kind(**options, rng=rng) if name == "RReLU" else kind(**options)

        def theirs(torch: Any) -> Any:
            return getattr(torch.nn, name)(**options)

        # PyTorch's gradient of Hardsigmoid has 1/6 in single precision even in float64
        return LayerCase(make, (x,), None if name == "Hardsigmoid" else theirs, training)

    inputs = arrays_of((4,)) | arrays_of((3, 2)) if name == "GLU" else ANY
    strategy = st.builds(case, st.sampled_from(OPTIONS[name]), st.booleans(), inputs)
    return Layer(name, strategy, draws=name == "RReLU")


def along_axis(name: str) -> Layer:
    def case(axis: int, x: Any) -> LayerCase:
        return LayerCase(
            lambda dtype, rng: getattr(nn, name)(axis), (x,), lambda t: getattr(t.nn, name)(axis)
        )

    inputs = arrays_of((3, 4)) | arrays_of((2, 3, 4), -30.0, 30.0)
    return Layer(name, st.builds(case, st.sampled_from([0, 1, -1]), inputs))


def prelu(each: bool, init: float, x: Any) -> LayerCase:
    count = x.shape[1] if each and x.ndim > 1 else 1
    return LayerCase(
        lambda dtype, rng: nn.PReLU(count, init, dtype=dtype),
        (x,),
        lambda torch: torch.nn.PReLU(count, init),
    )


def softmax2d(x: Any) -> LayerCase:
    return LayerCase(lambda dtype, rng: nn.Softmax2d(), (x,), lambda torch: torch.nn.Softmax2d())


LAYERS = [
    *map(elementwise, OPTIONS),
    Layer("PReLU", st.builds(prelu, st.booleans(), st.sampled_from([0.25, -0.5, 2.0]), ANY)),
    *map(along_axis, ["LogSoftmax", "Softmax", "Softmin"]),
    Layer("Softmax2d", st.builds(softmax2d, IMAGES)),
]

assert {layer.name for layer in LAYERS} == {
    name
    for name, value in vars(nn).items()
    if isinstance(value, type) and value.__module__.startswith("nn.layers.activations")
}
