"""A program's source, executed where this library can't be imported, and compared with eager."""

import ast
import builtins
import copy
import dataclasses

import numpy as np

import nn
from autograd_lite import Tensor, capture
from autograd_lite.capturing.printing import spelling

BLOCKED = ("autograd_lite", "nn")


def executed(source):
    """Execute a module's source where this library can't be imported; return its namespace."""

    def importing(name, *args, **kwargs):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked")
        return __import__(name, *args, **kwargs)

    space = {"__builtins__": {**vars(builtins), "__import__": importing}}
    exec(compile(source, "<source>", "exec"), space)
    return space


def plain(x):
    """Return what a function returns as its source does."""
    if isinstance(x, Tensor):
        return x.array
    if isinstance(x, tuple):
        return tuple(map(plain, x))
    if isinstance(x, list):
        return [*map(plain, x)]
    if isinstance(x, dict):
        return {key: plain(child) for key, child in x.items()}
    if dataclasses.is_dataclass(x):
        return plain(vars(x))
    return x


def same(a, b):
    """Return True for the same structure of arrays, bit for bit."""
    if isinstance(a, (np.ndarray, np.generic)):
        like = type(a) is type(b) and (a.dtype, a.shape) == (b.dtype, b.shape)
        return like and a.tobytes() == b.tobytes()
    if isinstance(a, np.random.Generator):
        return a.bit_generator.state == b.bit_generator.state
    if isinstance(a, dict):
        return type(b) is dict and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (tuple, list)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def given(args):
    """Return the arguments for the source: the arrays in them, one by one."""
    flat = []
    for x in args:
        if isinstance(x, dict):
            flat += given(x.values())
        elif isinstance(x, (tuple, list)):
            flat += given(x)
        elif isinstance(x, (np.ndarray, np.generic, Tensor)):
            flat.append(copy.deepcopy(plain(x)))
    return flat


def compared(function, arguments, tensors=()):
    """Capture a function, and compare its source with eager for five steps.

    Parameters
    ----------
    function : callable
    arguments : callable
        ``arguments(i)`` are those of the i-th call.
    tensors : mapping
        The tensors that get gradients, by their names in the program.
    """
    captured = capture(function, on_miss="error")
    for i in range(6):
        captured(*arguments(i))
    program = captured.program
    assert program.replay is not None, "not confirmed"
    shown = str(program)
    ast.parse(shown)
    assert max(map(len, shown.splitlines())) <= 100
    source = program.source()
    ast.parse(source)
    replay = executed(source)[spelling.identifier(function.__name__)]
    state = copy.deepcopy(program.arrays())
    for i in range(6, 11):
        args = arguments(i)
        found = replay(*given(args), **state)
        expected = plain(function(*args))
        found, left = found if "a dict of what else" in source else (found, {})
        assert same(expected, found), f"call {i}\n{source}"
        state = {name: left.get(name, x) for name, x in state.items()}
        assert same(program.arrays(), state), f"call {i}\n{source}"
        for name, tensor in dict(tensors).items():
            assert same(tensor.grad.data, left[f"{name}_grad"]), f"{name}_grad, call {i}\n{source}"
    return program


def numbers(*shape, dtype=np.float64, seed=0):
    return lambda i: (np.random.default_rng(seed + i).standard_normal(shape).astype(dtype),)


def images(batch=10, dtype=np.float32):
    def arguments(i):
        rng = np.random.default_rng(i)
        return rng.random((batch, 20)).astype(dtype), np.eye(4, dtype=dtype)[
            rng.integers(0, 4, batch)
        ]

    return arguments


def labelled(i):
    rng = np.random.default_rng(i)
    return rng.random((6, 20)).astype(np.float32), rng.integers(0, 4, 6)


def network(hidden=None, dtype="float32"):
    rng = np.random.default_rng(0)
    hidden = nn.Sigmoid() if hidden is None else hidden
    return nn.Sequential(
        nn.Dense(20, 8, rng=rng, dtype=dtype), hidden, nn.Dense(8, 4, rng=rng, dtype=dtype)
    )


def parameters_of(model):
    return {spelling.identifier(name): p for name, p in model.named_parameters()}


def trained(model, optimizer, loss):
    def step(x, t):
        optimizer.zero_grad()
        value = loss(model(x), t)
        value.backward()
        optimizer.step()
        return value

    return step
