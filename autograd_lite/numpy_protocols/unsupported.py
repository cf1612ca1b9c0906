"""Error messages for NumPy functions that don't work on tensors: why not, and what to do."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

_TEXT = "its result is text; call it on tensor.numpy()"
_FILES = "it writes a file; call it on tensor.numpy()"
_DATES = "it is for dates, which tensors can't hold; call it on NumPy's arrays of dates"

REFUSED: dict[Callable[..., Any], str] = {
    np.array2string: _TEXT,
    np.array_repr: _TEXT,
    np.array_str: _TEXT,
    np.busday_count: _DATES,
    np.busday_offset: _DATES,
    np.datetime_as_string: _DATES,
    np.is_busday: _DATES,
    np.save: _FILES,
    np.savetxt: _FILES,
    np.savez: _FILES,
    np.savez_compressed: _FILES,
}
"""The functions that can't have a derivative, and what to do instead."""

_BYTES = "call tensor.numpy().{}()"
_MEMORY = "it describes memory, which belongs to the array; write tensor.numpy().{}"
_GONE = "NumPy's arrays no longer have it"

ATTRIBUTES: dict[str, str] = {
    "base": _MEMORY,
    "byteswap": _BYTES,
    "ctypes": _MEMORY,
    "dump": _BYTES,
    "dumps": _BYTES,
    "flags": _MEMORY,
    "getfield": _BYTES,
    "itemset": f"{_GONE}; write x[index] = value",
    "newbyteorder": f"{_GONE}; call tensor.numpy().byteswap()",
    "ptp": f"{_GONE}; write np.ptp(x)",
    "resize": "a tensor keeps its size; write x = np.resize(x, shape), or np.pad(x, width)",
    "setfield": _BYTES,
    "setflags": _BYTES,
    "strides": _MEMORY,
    "tobytes": _BYTES,
    "tofile": _BYTES,
    "tostring": f"{_GONE}; write tensor.numpy().tobytes()",
}
"""The attributes of NumPy's arrays that tensors don't have, and what to do instead."""

_TEMPLATE = """\
{name} has no rule here yet. If no gradient is needed, call it on tensor.detach().numpy(). \
These lines add a rule, once you fill in the derivative; keywords such as axis that you pass on to \
the Primitive are passed to the rules too:

import numpy as np
{imports}from autograd_lite import Primitive, implements

{rules}
{short}_op = Primitive("{short}", {name}, [{names}]{settings})

@implements({name})
def {short}({inputs}):
    return {short}_op({inputs})
"""

_RULE = """\
def {rule}(g, {output}, {inputs}):  # g is the cotangent of {output}, the result
    raise NotImplementedError("return g times the derivative of {name} by {input}")
"""


def name_of(numpy_function: Any) -> str:
    """Return a NumPy function's name as users write it, such as ``np.linalg.norm``."""
    name: str = numpy_function.__name__
    if not isinstance(numpy_function, np.ufunc) or getattr(np, name, None) is numpy_function:
        module = (
            getattr(numpy_function, "__module__", None) or "numpy"
        )  # ufuncs of older NumPys have none
        return f"{module}.{name}".replace("numpy", "np", 1)
    scipys = getattr(sys.modules.get("scipy.special"), name, None)
    return f"scipy.special.{name}" if scipys is numpy_function else name


def explanation(numpy_function: Any) -> str:
    """Return why a NumPy function doesn't work on tensors, and the lines that would add a rule."""
    name = name_of(numpy_function)
    if numpy_function in REFUSED:
        return f"{name} has no derivative: {REFUSED[numpy_function]}"
    short = numpy_function.__name__
    if not short.isidentifier():  # made by frompyfunc or vectorize, say
        return (
            f"{short}, a ufunc that isn't NumPy's, has no rule; write what it does in terms of "
            "NumPy's functions, or call it on tensor.detach().numpy() if no gradient is needed"
        )
    inputs = _inputs(numpy_function)
    rules = [f"{short}_by_{x}" for x in inputs]
    given = ", ".join(inputs)
    output = "out" if "y" in inputs else "y"
    elementwise = isinstance(numpy_function, np.ufunc) and numpy_function.signature is None
    return _TEMPLATE.format(
        name=name,
        imports="import scipy.special\n" if name.startswith("scipy") else "",
        short=short,
        inputs=given,
        names=", ".join(rules),
        rules="\n".join(
            _RULE.format(rule=rule, output=output, inputs=given, name=name, input=x)
            for rule, x in zip(rules, inputs, strict=True)
        ),
        settings=", elementwise=True" if elementwise else "",
    )


def _inputs(numpy_function: Any) -> list[str]:
    """Return the names of a function's required arguments."""
    if isinstance(numpy_function, np.ufunc):
        count = numpy_function.nin
        return ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]
    try:
        parameters = inspect.signature(numpy_function).parameters.values()
    except ValueError:  # the C functions of older NumPys have no signatures
        return ["x"]
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in variadic]
    return needed or ["x"]
