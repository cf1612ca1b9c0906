"""Programs drawn at random, captured: after each of several calls all is as it is in eager.

``AUTOGRAD_LITE_PROGRAMS=20000 pytest tests/autograd_lite/capturing/test_capture_programs.py`` runs
as many.
"""

import os
import random
import types

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from autograd_lite import Tensor, no_grad

from .comparing import CALLS, both

PROGRAMS = int(os.environ.get("AUTOGRAD_LITE_PROGRAMS", "360"))
PARTS = 6

STATEMENTS = {
    "arithmetic": [
        "{v} = {v} * 0.5 + {v}",
        "{v} = {v} - {v} * {v}",
        "{v} = ({v} + 1.5) / ({v} * {v} + 1.0)",
        "{v} += {v}",
        "{v} = {v} * 0.5 if {turn} else -{v}",
        "{v} = np.exp(-({v} ** 2)) + np.tanh({v})",
        "{v} = np.maximum({v}, {v}) - np.minimum({v}, 0.2)",
    ],
    "matrices": [
        "{v} = {v} @ w * 0.3",
        "{v} = np.tanh({v} @ {v}.T @ {v})",
        "{v} = {v} / (1.0 + np.linalg.norm({v}))",
        "{v} = np.einsum('ij,kj->ik', {v}, w) * 0.3",
    ],
    "reductions": [
        "{v} = {v} - {v}.mean(axis=0)",
        "{v} = {v} * {v}.sum()",
        "{v} = {v} / (1.0 + np.abs({v}).max(axis=1, keepdims=True))",
        "kept.append({v}.sum())",
        "kept.append({v}.std())",
    ],
    "shapes": [
        "{v} = {v}.T",
        "{v} = {v}[::-1]",
        "{v} = {v}[:, [2, 0, 1]]",
        "{v} = np.concatenate([{v}[1:], {v}[:1]])",
        "{v} = {v}.reshape(-1).reshape(3, 3)",
        "{v} = np.stack([{v}[0], {v}[1], {v}[2]])",
        "{v} = np.where({v} > 0.1, {v}, {v} * 0.5)",
        "kept.append({v}[0])",
        "kept.append({v}.T)",
        "kept.append({v})",
    ],
    "assignment": [
        "{v} = {v} * 1.0; {v}[0] = {v}[1]",
        "{v} = {v} + 0.0; {v}[:, 1] = 0.25",
        "{v} = {v} * 1.0; {v}[1:] += {v}[:-1]",
        "{v} = {v} * 1.0; {v}[{v} > 0.4] = 0.4",
        "{v} = {v} + w; {v} *= 0.5; {v} += w",
        "s.table[1] = np.asarray(values({v}))[0]; {v} = {v} + s.table",
    ],
    "branches": [
        "{v} = {v} * 2.0 if {v}.sum() > 0.3 else {v} + 0.1",
        "{v} = {v} * float(values({v})[0, 0] > 0.2) + 0.1",
        "{v} = {v}[np.argsort(values({v})[:, 0])]",
        "{v} = {v} * int(abs({v}.sum()) * 3) / 3",
        "for _ in range(1 + int(values({v})[1, 1] > 0)): {v} = {v} * 0.7",
        "if np.isnan(values({v})).any(): return 'nan'",
        "if values({v}).max() > 3.0: raise ValueError(f'large: {{values({v}).max()}}')",
    ],
    "settings": [
        "{v} = {v} * s.rate",
        "{v} = {v} * s.list[1] + s.dict['offset']",
        "{v} = {v} * 0.5 if s.flag else {v}",
        "{v} = s.function({v})",
        "{v} = {v} * s.array",
        "s.count += 1; {v} = {v} / s.count",
        "s.list[0] += 1; kept.append(s.list[0])",
        "s.hidden = values({v}) * 0.5; {v} = {v} + s.hidden",
        "{v} = {v} + s.hidden; s.hidden = s.hidden * 0.9",
        "s.losses.append({v}.sum())",
        "s.rate *= 0.9",
    ],
    "draws": [
        "{v} = {v} * (rng.random((3, 3)) < 0.8)",
        "{v} = {v} + rng.normal(0.0, 0.1, (3, 3))",
        "{v} = {v}[rng.permutation(3)]",
        "{v} = {v} * rng.random()",
        "{v} = {v} if rng.random() < 0.5 else {v} * 0.5",
    ],
    "updates": [
        "w.grad = None; ((({v} @ w) ** 2).mean()).backward(); w.data -= 0.1 * w.grad.data",
        "((w * {v}).sum()).backward(); w.data -= 0.05 * w.grad.data",
        "(w.sum() * 0.1).backward()",
        "w.data *= 0.9",
        "w.data[0] = 0.5",
        "w.data = w.data + 0.1",
        "kept.append(w.data)",
        "kept.append(w.grad)",
        "with no_grad(): {v} = {v} + w",
    ],
    "containers": [
        "d = {{'x': {v}, 'y': [{v}, 2.0]}}; {v} = d['x'] + d['y'][0] * d['y'][1]; kept.append(d)",
        "a, b = {v}, {v}",
        "kept.append((x, {v}))",
        "{v} = sum([{v}, {v}, 0.5])",
        "{v} = np.array([list(map(float, row)) for row in values({v})])",
    ],
}

CHANGES = [
    "s.rate = 0.3 + 0.1 * turn",
    "s.rate = 0.5 if turn < 3 else 0.7",
    "s.list[1] = 0.4 if turn < 3 else 0.9",
    "s.dict['offset'] = 0.1 if turn != 3 else 0.5",
    "s.flag = turn < 3",
    "s.function = np.sin if turn < 3 else np.tanh",
    "s.array = np.ones(3) * (1 if turn < 3 else 2)",
    "s.array[1] = turn",
    "w.requires_grad = turn != 3",
    "w.data[...] = 0.3 if turn == 3 else w.data",
    "w.data = np.asfortranarray(w.data * 0.5)",
    "w.grad = None",
    "rng.random()",
    "x[...] = results[-1] if results and np.shape(results[-1]) == (3, 3) else x",
    "x = x.T",
    "x = x.astype(np.float32) if turn == 3 else x",
    "x = Tensor(x) if turn > 3 else x",
    "x = Tensor(x, requires_grad=True)",
    "x = w.data",
]


class Program:
    """Lines of a function, lines that come before each of its calls, and what they are given."""

    def __init__(self, seed, body, between, result):
        self.seed, self.body, self.between, self.result = seed, body, between, result

    def __str__(self):
        return "\n".join(
            [
                "def step(x):",
                "    a, b, kept = x, x * 0.5, []",
                *("    " + line for line in self.body),
                f"    return {self.result}",
                "def before(turn, x):",
                *("    " + line for line in self.between),
                "    return x",
            ]
        )

    def make(self, capture):
        """Return the world in which the program runs."""
        start = np.random.default_rng(self.seed)
        s = types.SimpleNamespace(
            rate=0.5,
            list=[0, 0.4],
            dict={"offset": 0.1},
            flag=True,
            function=np.sin,
            array=np.ones(3),
            table=np.zeros((3, 3)),
            hidden=np.zeros((3, 3)),
            count=0,
            losses=[],
        )
        w = Tensor(start.uniform(-1, 1, (3, 3)), requires_grad=True)
        rng = np.random.default_rng(self.seed)
        xs = [start.uniform(-1, 1, (3, 3)) for _ in range(CALLS)]
        results = []
        namespace = dict(vars(MODULE), s=s, w=w, rng=rng, results=results)
        exec(compile(str(self), "<program>", "exec"), namespace)
        step = capture(namespace["step"])

        def call(turn):
            x = namespace["before"](turn, xs[turn])
            result = step(x)
            results.append(result if isinstance(result, np.ndarray) else None)
            return result

        return call, (s, w, rng, xs)

    def shorter(self):
        """Yield the programs that lack one of the lines."""
        for i in range(len(self.body)):
            yield Program(self.seed, self.body[:i] + self.body[i + 1 :], self.between, self.result)
        for i in range(len(self.between)):
            between = self.between[:i] + self.between[i + 1 :]
            yield Program(self.seed, self.body, between, self.result)


def values(x):
    return x.data if isinstance(x, Tensor) else x


MODULE = types.SimpleNamespace(np=np, Tensor=Tensor, no_grad=no_grad, values=values)


def drawn(chance):
    """Return a program drawn at random."""
    themes = list(STATEMENTS.values())
    return Program(
        chance.randrange(2**32),
        [filled(chance, chance.choice(chance.choice(themes))) for _ in range(chance.randint(2, 7))],
        chance.sample(CHANGES, chance.randint(0, 2)),
        filled(chance, chance.choice(["a", "(a, b, kept)", "[{v}, {v}.sum()]", "{v}"])),
    )


def filled(chance, line):
    """Fill the blanks of a line."""
    while "{v}" in line:
        line = line.replace("{v}", chance.choice("ab"), 1)
    line = line.replace("{turn}", chance.choice(["s.flag", "True"]))
    return line.replace("{{", "{").replace("}}", "}")


def problem_of(program):
    """Return what is different captured, empty if nothing is."""
    try:
        both(program.make, calls=6)
    except AssertionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("part", range(PARTS))
@settings(
    max_examples=PROGRAMS // PARTS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a program has its own way to become shorter
)
@given(seed=st.integers(0, 2**32))
def test_programs_do_captured_what_they_do_in_eager(part, seed):
    program = drawn(random.Random(f"{part} {seed}"))
    problem = problem_of(program)
    while problem:
        again = ((shorter, problem_of(shorter)) for shorter in program.shorter())
        found = next(((shorter, text) for shorter, text in again if text), None)
        if found is None:
            raise AssertionError(f"{problem}\n{program}")
        program, problem = found


def test_most_programs_run_to_their_end():
    outcomes = []
    for seed in range(200):
        call, _ = drawn(random.Random(seed)).make(lambda function: function)
        with np.errstate(all="ignore"):
            try:
                for turn in range(6):
                    call(turn)
                outcomes.append("fine")
            except Exception as error:
                outcomes.append(f"{type(error).__name__}: {error}")
    assert outcomes.count("fine") > 170, sorted(outcomes)
