"""A program's module: without this library, with its parameters, and safe from users' text."""

import ast
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd_lite import Tensor, capture, no_grad
from autograd_lite.capturing.printing import spelling
from autograd_lite.errors import UnsupportedError

from .written import (
    executed,
    images,
    network,
    parameters_of,
    same,
    trained,
)

# ---------------------------------------------------------------------- without this library

ALONE = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("autograd_lite", "nn"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
import io
import numpy as np

given = np.load(io.BytesIO(sys.stdin.buffer.read()))
state = {name: given[name] for name in given if name not in ("x", "t")}
args = [given[name] for name in ("x", "t") if name in given]
space = {}
exec(sys.argv[1], space)
result, left = space[sys.argv[2]](*args, **state), {}
if isinstance(result, tuple):
    result, left = result
np.savez(sys.stdout.buffer, result=result, **state, **left)
"""


def alone(program, name, **arrays):
    """Run a program's source in a process without this library; return what it makes."""
    given = io.BytesIO()
    np.savez(given, **arrays, **program.arrays())
    command = [sys.executable, "-I", "-c", ALONE, program.source(), name]
    done = subprocess.run(command, input=given.getvalue(), capture_output=True, check=True)
    return dict(np.load(io.BytesIO(done.stdout)))


def test_a_process_without_this_library_gives_the_same_bits():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=3.0)
    step = trained(model, optimizer, nn.losses.binary_cross_entropy_with_logits)
    captured = capture(step)
    for i in range(4):
        captured(*images()(i))
    for i in range(4, 9):
        x, t = images()(i)
        found = alone(captured.program, "step", x=x, t=t)
        expected = {"result": np.asarray(step(x, t).data)}
        for name, p in parameters_of(model).items():
            expected |= {name: p.data, f"{name}_grad": p.grad.data}
        assert same(expected, found)


def test_a_trained_model_is_shipped_as_a_forward_pass(tmp_path):
    model = network(nn.ReLU())

    @capture
    def predict(x):
        with no_grad():
            return nn.functional.softmax(model(x))

    x, _ = images()(0)
    for _ in range(3):
        expected = predict(x).data
    np.savez(tmp_path / "weights.npz", **predict.program.arrays())
    replay = executed(predict.program.source())["predict"]
    assert same(expected, replay(x, **np.load(tmp_path / "weights.npz")))
    assert same(expected, alone(predict.program, "predict", x=x)["result"])


# ---------------------------------------------------------------------- arguments and results


def compiled(function, *args, calls=3):
    """Return the program of a function, and the function of its source."""
    captured = capture(function, on_miss="error")
    for _ in range(calls):
        captured(*args)
    replay = executed(captured.program.source())[spelling.identifier(function.__name__)]
    return captured.program, replay


def test_arrays_in_containers_are_parameters_of_their_own():
    def f(batch, factor, *, mode):
        return (batch["x"] * factor + batch["t"][0]) * (2 if mode == "twice" else 1)

    captured = capture(f)
    x, t = np.arange(3.0), np.ones(3)
    for _ in range(3):
        captured({"x": x, "t": [t]}, 3.0, mode="twice")
    source = captured.program.source()
    assert "    factor = 3.0\n    mode = 'twice'\n" in source
    assert same((x * 3.0 + t) * 2, executed(source)["f"](batch_x=x, batch_t_0=t))


def test_an_argument_that_is_not_used_keeps_its_place():
    def f(a, unused, b):
        return a - b

    _, replay = compiled(f, np.arange(3.0), np.ones(2), np.ones(3))
    assert same(np.arange(3.0) - 1, replay(np.arange(3.0), None, np.ones(3)))


def test_the_same_tensor_is_returned_twice_and_a_parameter_too():
    w = Tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        with no_grad():
            y = w * x
        return {"y": y, "again": y, 3: w, "none": None, "nan": float("nan")}

    _, replay = compiled(f, np.ones(2))
    found = replay(np.ones(2), w=w.data)
    assert same({"y": w.data, "again": w.data, 3: w.data, "none": None, "nan": np.nan}, found)


def test_tensors_that_are_given_get_their_gradients():
    def f(w, x):
        w.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        w.data *= 0.5
        return loss

    w = Tensor(np.arange(3.0), requires_grad=True)
    _, replay = compiled(f, w, np.ones(3), calls=5)
    data = w.data.copy()
    expected = f(w, np.ones(3)).item()
    found, left = replay(data, np.ones(3))
    assert found.item() == expected
    assert same(w.grad.data, left["w_grad"])
    assert same(w.data, data)


def test_a_shape_or_dtype_that_was_not_recorded_is_an_error():
    def f(x):
        return x * 2

    _, replay = compiled(f, np.ones(3))
    with pytest.raises(ValueError, match=r"x must be float64 \(3,\), not float64 \(4,\)"):
        replay(np.ones(4))
    with pytest.raises(ValueError, match="not float32"):
        replay(np.ones(3, np.float32))


def test_a_branch_that_was_not_recorded_is_an_error():
    def f(x):
        return x * 2 if x.sum() > 0 else x * 3

    _, replay = compiled(f, np.ones(3))
    assert same(np.full(3, 4.0), replay(np.full(3, 2.0)))
    with pytest.raises(ValueError, match=r"recorded where this holds \(test_capture_source.py:\d+"):
        replay(np.full(3, -1.0))


def test_a_number_that_was_read_is_checked():
    def f(x):
        return x * (x[0].item() + float(x[1])) if x[1:].tolist() == [2.0, 3.0] else x

    _, replay = compiled(f, np.arange(1.0, 4.0))
    assert same(np.arange(1.0, 4.0) * 3, replay(np.arange(1.0, 4.0)))
    for changed in (np.array([5.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])):
        with pytest.raises(ValueError, match="recorded where this"):
            replay(changed)


# ---------------------------------------------------------------------- constants


@pytest.mark.parametrize(
    "array",
    [
        np.float32([0.1, -0.0, 3e-45, np.inf, -np.inf]),
        np.array([0.1, 1e300, -0.0, 5e-324]),
        np.array([1 + 2j, -0.0 + 0j, complex(0.0, -0.0)]),
        np.array([[1, 2], [3, 4]], np.uint8, order="F"),
        np.array([True, False]),
        np.full((30, 40), 0.1),
        np.arange(100),
        np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32),
        np.asfortranarray(np.random.default_rng(0).standard_normal((20, 30))),
        np.broadcast_to(np.float32(0.1), (3, 4)),
        np.broadcast_to(np.arange(4.0), (3, 4)),
        np.arange(12.0).reshape(3, 4)[::-1, ::2],
        (np.array([np.nan]).view(np.uint64) + np.uint64(1)).view(np.float64),
        np.array(2.5, np.float16),
        np.zeros((0, 3)),
        np.arange(3).astype(">i4"),
    ],
)
def test_constants_have_their_bits_and_their_memory_order(array):
    made = eval(spelling.array(array, array.strides), {"np": np})
    assert (made.dtype, made.shape) == (array.dtype, array.shape)
    assert made.tobytes() == array.tobytes()
    assert made.size < 2 or made.strides == array.strides


@pytest.mark.parametrize(
    "x", [np.float32(0.1), np.float64("inf"), np.int8(-3), np.complex64(1j), -0.0, 1e22, 2 - 3j]
)
def test_numbers_have_their_bits(x):
    made = eval(spelling.literal(x), {"np": np})
    assert type(made) is type(x)
    assert np.asarray(made).tobytes() == np.asarray(x).tobytes()


def test_a_large_constant_is_only_named_in_print():
    table = np.random.default_rng(0).standard_normal((40, 3)).tolist()

    def f(x):
        return x @ np.array(table)

    program, replay = compiled(f, np.ones((2, 40)))
    assert "constant1 = ...  # float64 (40, 3)" in str(program)
    assert same(f(np.ones((2, 40))), replay(np.ones((2, 40))))


# ---------------------------------------------------------------------- text that is the user's

NASTY = 'x"""\nimport os\nos.abort()\n"""\\ # \u2028 é'


@pytest.mark.parametrize(
    "text", [NASTY, "", "0.weight", "import", "np", "a-b", "_" * 9, "é", "x" * 500]
)
def test_names_become_identifiers_and_text_stays_a_comment(text):
    name = spelling.identifier(text)
    assert name.isidentifier()
    assert name.isascii()
    ast.parse(f"{name} = 1")
    comment = spelling.comment(text)
    tree = ast.parse(f'def f(): pass  # {comment}\nx = "{comment}"\n"""{comment}"""')
    assert len(tree.body) == 3


def test_a_users_strings_never_leave_identifiers_strings_and_comments():
    class Model:
        pass

    model = Model()
    setattr(model, NASTY, np.ones(3))

    def f(batch, mode):
        return {NASTY: batch[NASTY] * getattr(model, NASTY), "mode": mode}

    f.__name__ = f.__qualname__ = NASTY
    captured = capture(f)
    for _ in range(3):
        captured({NASTY: np.arange(3.0)}, NASTY)
    source = captured.program.source()
    tree = ast.parse(source)
    assert {type(node) for node in tree.body} <= {ast.Expr, ast.Import, ast.FunctionDef}
    imports = [node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert imports == ["numpy"]
    replay = executed(source)[spelling.identifier(NASTY)]
    (name,) = captured.program.arrays()
    found = replay(np.arange(3.0), **{name: np.ones(3)})
    assert same({NASTY: np.arange(3.0), "mode": NASTY}, found)


# ---------------------------------------------------------------------- what is shown when


def test_a_program_that_is_not_confirmed_is_shown_too():
    captured = capture(lambda x: x * 2 + 1)
    assert captured.program is None
    captured(np.ones(3))
    assert "return v1" in str(captured.program)
    assert repr(captured.program).endswith("2 NumPy calls, not confirmed yet>")
    captured(np.ones(3))
    assert repr(captured.program).endswith("2 NumPy calls>")


def test_showing_a_program_changes_nothing():
    w = Tensor(np.ones((4, 2)), requires_grad=True)

    @capture(on_miss="error")
    def step(x):
        w.zero_grad()
        loss = ((x @ w) * (x @ w)).sum()
        loss.backward()
        w.data -= 0.01 * w.grad.data
        return loss

    for _ in range(6):
        step(np.ones((3, 4)))
        for program in step.programs:
            first = str(program), program.source(), repr(program)
            assert first == (str(program), program.source(), repr(program))
    assert step.program.replay is not None


def test_an_object_can_not_be_written_down():
    class Thing:
        pass

    thing = Thing()

    def f(x):
        return x * 2, thing

    captured = capture(f)
    for _ in range(3):
        captured(np.ones(3))
    assert "return (v1, ...)" in str(captured.program)
    with pytest.raises(UnsupportedError, match=r"returns or keeps an object .*: Thing"):
        captured.program.source()


def test_a_function_that_is_not_numpys_can_not_be_written_down():
    with pytest.raises(UnsupportedError, match=r"calls <lambda> .* can't be written"):
        spelling.function(np.frompyfunc(lambda twice: 2 * twice, 1, 1))


# ---------------------------------------------------------------------- the page in docs/


def test_the_page_shows_what_is_printed_with_the_lines_of_the_equations():
    page = (Path(__file__).parents[3] / "docs" / "capture.md").read_text(encoding="utf-8")
    code, shown, *_ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    space = {"__name__": "__main__"}
    exec(compile(code, "page", "exec"), space)
    assert shown == str(space["captured"].program)
    table = page[page.index("| equation |") : page.index("A batch has one example")]
    lines = [line for line in re.findall(r"`([^`]* = [^`]*)`", table) if "^" not in line]
    assert len(lines) == 6
    for line in lines:
        assert f" {line}  # float32" in shown, line


def test_a_number_that_changes_is_a_parameter():
    w = Tensor(np.ones(3, np.float32), requires_grad=True)
    optimizer = nn.optim.SGD([w], 0.5)

    def step(x):
        optimizer.zero_grad()
        (w * x).sum().backward()
        optimizer.step()

    captured = capture(step)
    x = np.array([1.0, 2.0, 3.0], np.float32)
    for rate in (0.5, 0.25, 0.1):
        optimizer.learning_rate = rate
        captured(x)
    module = {}
    exec(captured.program.source(), module)
    arrays = captured.program.arrays()
    before = w.data.copy()
    (name,) = [name for name in arrays if "learning_rate" in name]
    for rate in (0.3, np.array(0.3)):
        w.data[:] = before
        module["step"](x, **{**arrays, name: rate})
        np.testing.assert_array_equal(w.data, before - np.float32(0.3) * x)
