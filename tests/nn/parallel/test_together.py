"""What processes compute together is what one of them computes alone, to rounding."""

import numpy as np
import pytest

from .launching import kept, needs_mpi

pytestmark = needs_mpi

TRAINING = """
rng = np.random.default_rng(5)
x = rng.random((47, 20)).astype(dtype)
t = np.eye(10, dtype=dtype)[rng.integers(0, 10, 47)]

def train(group):
    layers = nn.Dense(20, 16, rng=3, dtype=dtype), nn.Dense(16, 10, rng=4, dtype=dtype)
    model = nn.Sequential(layers[0], nn.Sigmoid(), layers[1])
    optimizer = nn.optim.Adam(model.parameters(), 0.01)
    batches = nn.data.Batches(x, t, batch_size=batch_size, rng=0, share=group.share)

    def backward(x, t):
        optimizer.zero_grad()
        loss = nn.losses.binary_cross_entropy_with_logits(model(x), t)
        loss.backward()
        return loss.detach()

    def update(*gradients):
        for p, g in zip(model.parameters(), gradients):
            p.grad = as_tensor(g)
        optimizer.step()

    if captured:
        backward, update = capture(backward, max_programs=9), capture(update)
    losses = []
    for epoch in range(4):
        for images, wanted in batches:
            loss = backward(images, wanted) if len(images) else np.zeros((), dtype)
            group.average_gradients(model, len(images))
            averages = [p.grad.data for p in model.parameters()]
            optimizer.zero_grad()
            update(*averages)
            losses.append(group.mean(loss, len(images)))
    return {**model.state_dict(), "losses": np.array(losses)}, backward, update

found, backward, update = train(group)
alone, *_ = train(nn.parallel.Group(parallel=False))
if captured:
    assert backward.programs, "it wasn't captured"
    assert len(update.programs) == 1, update.programs
keep(**found, **{f"alone {name}": array for name, array in alone.items()})
"""


@pytest.mark.parametrize(
    ("size", "batch_size", "dtype", "captured"),
    [
        (2, 10, "float32", True),
        (2, 1, "float64", False),  # the second one has nothing to do
        (3, 10, "float64", True),
        (3, 2, "float32", False),
    ],
)
def test_training_is_that_of_one_process(size, batch_size, dtype, captured, tmp_path):
    settings = f"{batch_size=}; {dtype=}; {captured=}\n"
    ranks = kept(size, settings + TRAINING, tmp_path)
    near = {"float32": 2e-4, "float64": 1e-9}[dtype]
    for name in ("0.weight", "0.bias", "2.weight", "2.bias", "losses"):
        assert ranks[0][name].dtype == dtype
        assert all(np.array_equal(rank[name], ranks[0][name]) for rank in ranks)
        np.testing.assert_allclose(ranks[0][name], ranks[0][f"alone {name}"], near, near)


def test_averages_of_any_gradients(tmp_path):
    program = """
    # every process draws the gradients of all, and adds them up in float64 by a loop
    for case in range(60):
        rng = np.random.default_rng(case)
        dtypes = ["e", "f", "d", "F", "D"]
        shapes = [(), (1,), (3,), (0, 2), (2, 5), (4, 1, 3)]
        count = rng.integers(5)
        chosen = [(dtypes[rng.integers(5)], shapes[rng.integers(6)]) for _ in range(count)]
        examples = rng.integers(0, 4, group.size)
        examples[rng.integers(group.size)] += 1
        def draw(kind, shape):
            values = rng.standard_normal(shape) * (1 + 2j if kind in "FD" else 1)
            return None if rng.random() < 0.3 else np.asarray(values).astype(kind)
        drawn = [[draw(*what) for what in chosen] for _ in range(group.size)]
        parameters = []
        for position, (kind, shape) in enumerate(chosen):
            p = Tensor(np.zeros(shape, kind), requires_grad=True)
            g = drawn[group.rank][position]
            p.grad = None if g is None else Tensor(g)
            parameters.append(p)
        own = [p.grad for p in parameters]
        before = [None if g is None else g.data.copy() for g in own]
        group.average_gradients(parameters, int(examples[group.rank]))
        for position, p in enumerate(parameters):
            parts = [
                n / examples.sum() * drawn[rank][position].astype(complex)
                for rank, n in enumerate(examples)
                if n and drawn[rank][position] is not None
            ]
            if not parts:
                assert p.grad is None  # the same everywhere, so that no process takes a step alone
                continue
            assert p.grad.dtype == p.dtype and p.grad.shape == p.shape
            near = {"e": 2e-3, "f": 1e-6, "F": 1e-6}.get(p.dtype.char, 1e-14)
            np.testing.assert_allclose(p.grad.data, sum(parts), near, near)
            if own[position] is not None:
                assert np.array_equal(own[position].data, before[position])
        same = [group.sum(np.ones(p.shape)) for p in parameters]
        assert all((total == group.size).all() for total in same)
    keep()
    """
    kept(3, program, tmp_path)


def test_gradients_are_the_callers_own_and_may_be_infinite(tmp_path):
    program = """
    p = Tensor(np.float32([1, 2]), requires_grad=True)
    p.grad = Tensor(np.float32([group.rank, np.inf * (1 - 2 * group.rank)]))
    group.average_gradients([p], 1)
    first = p.grad.data
    assert first[0] == 0.5 and np.isnan(first[1]), first
    p.grad = Tensor(np.float32([3, 4]))
    group.average_gradients([p], 1)
    assert first[0] == 0.5 and p.grad.data.tolist() == [3, 4]
    p.grad = Tensor(np.float32([np.nan, 1])) if group.rank else Tensor(np.float32([3, 3e38]))
    group.average_gradients([p], 0 if group.rank else 5)  # what weighs nothing isn't read
    assert p.grad.data.tolist() == [3, np.float32(3e38)]
    keep()
    """
    kept(2, program, tmp_path)


def test_numbers(tmp_path):
    program = """
    r = group.rank
    assert group.sum(2 ** r) == 7 and group.sum(2 ** r).dtype == np.int64
    assert group.sum(Tensor(np.float32([r, 1]))).tolist() == [3, 3]
    assert group.sum(np.zeros((0, 2))).shape == (0, 2)
    assert group.sum(np.arange(4).reshape(2, 2).T).tolist() == [[0, 6], [3, 9]]
    assert group.mean([1.0, np.nan, 4.0][r], examples=[2, 0, 1][r]) == 2
    assert group.mean(np.float32(r), 1).dtype == np.float32
    assert group.mean(r, 1) == 1.0
    assert [group.any(r == n) for n in range(4)] == [True, True, True, False]
    third = [0.1, 0.7, -0.3][r]
    keep(sum=group.sum(third), shares=np.array(group.share(np.arange(7))))
    """
    ranks = kept(3, program, tmp_path)
    assert {float(rank["sum"]) for rank in ranks} == {0.1 + 0.7 + -0.3}
    assert [rank["shares"].tolist() for rank in ranks] == [[0, 1, 2], [3, 4], [5, 6]]


def test_models_become_that_of_the_first_process(tmp_path):
    program = """
    class Odd(nn.Module):
        def __init__(self, rng):
            self.dense = nn.Dense(3, 2, rng=rng)
            self.norm = nn.BatchNorm1d(2)
            self.frozen = Tensor(rng.random(2) + 1j)
            self.half = Tensor(rng.random(3).astype(np.float16), requires_grad=True)
            self.number = Tensor(rng.integers(9))
            self.register_buffer("seen", rng.random(2), persistent=False)
    model = Odd(np.random.default_rng(group.rank))
    data = model.dense.weight
    group.broadcast(model)
    assert model.dense.weight is data
    group.broadcast(nn.Sigmoid())
    keep(seen=model.seen.data, **model.state_dict())
    """
    first, *others = kept(3, program, tmp_path)
    assert len(first) == 11
    for other in others:
        assert other.keys() == first.keys()
        assert all(np.array_equal(other[name], first[name]) for name in first)


NORMALIZING = """
rng = np.random.default_rng(1)
rows = 7
x = rng.standard_normal((rows, 3, *more)).astype(dtype) * 5 + 100
v = rng.standard_normal(x.shape).astype(dtype)
kind = nn.BatchNorm2d if more else nn.BatchNorm1d

def run(group, train=True):
    layer = kind(3, momentum=momentum, affine=affine, dtype=dtype)
    group.broadcast(layer)
    found = {}
    share, mine = group.share(x, v)
    n = len(share)
    for _ in range(2):
        leaf = Tensor(share, requires_grad=True)
        y = layer(leaf)
        # the mean over examples of a loss that isn't linear, so that all cotangents differ
        loss = (np.sin(y) * mine).sum() / n
        (g,) = gradients(loss, [leaf], create_graph=True)
        # and the mean of a loss that has the gradient in it
        second = loss + ((g * n) ** 2 * mine).sum() / n
        for p in layer.parameters():
            p.grad = None
        second.backward()
        group.average_gradients(layer, n)
        found = {"y": y.data, "g": g.data * n, "gg": leaf.grad.data * n}
        found |= {f"grad {name}": p.grad.data for name, p in layer.named_parameters()}
    found |= layer.state_dict()
    found["eval"] = layer.eval()(share[: group.rank + 1]).data[:1] if n else found["y"][:1]
    return found

keep(**run(group), **{f"alone {k}": a for k, a in run(nn.parallel.Group(parallel=False)).items()})
"""


@pytest.mark.parametrize(
    ("size", "more", "dtype", "momentum", "affine"),
    [(2, (), "float64", 0.1, True), (3, (2, 3), "float64", None, False)],
)
def test_batch_norm_is_that_of_the_whole_batch(size, more, dtype, momentum, affine, tmp_path):
    settings = f"{more=}; {dtype=}; {momentum=}; {affine=}\n"
    ranks = kept(size, settings + NORMALIZING, tmp_path)
    alone = {
        name.removeprefix("alone "): array
        for name, array in ranks[0].items()
        if name.startswith("alone ")
    }
    assert alone["num_batches_tracked"] == 2
    for name in ("y", "g", "gg"):
        whole = np.concatenate([rank[name] for rank in ranks])
        np.testing.assert_allclose(whole, alone[name], 1e-8, 1e-8, err_msg=name)
    for name in [*(n for n in alone if n.startswith("grad")), "running_mean", "running_var"]:
        assert all(np.array_equal(rank[name], ranks[0][name]) for rank in ranks)
        np.testing.assert_allclose(ranks[0][name], alone[name], 1e-8, 1e-8, err_msg=name)
    np.testing.assert_allclose(ranks[0]["eval"], alone["eval"], 1e-10, 1e-10)


def test_batch_norm_of_few_examples_and_of_each_process(tmp_path):
    program = """
    import copy
    layer = nn.BatchNorm1d(2)
    group.broadcast(layer)
    x = np.float32([[1, 2], [3, 8]])
    y = layer(group.share(x))  # one example each
    np.testing.assert_allclose(y.data, [[-1, -1], [1, 1]][group.rank : group.rank + 1], 1e-4)
    again = copy.deepcopy(layer)(group.share(x))
    assert np.array_equal(again.data, y.data)
    said = refused(errors.ShapeError, layer, group.share(x[:1]))
    assert "in all processes together" in said, said
    three = np.float16([[1, 2], [3, 8], [5, 5]])
    half = nn.BatchNorm1d(2, dtype=np.float16)
    group.broadcast(half)
    part = group.share(three)
    leaf = Tensor(part, requires_grad=True)
    y = half(leaf)
    (y * y).sum().backward()
    assert y.dtype == leaf.grad.dtype == np.float16
    empty = layer(np.zeros((0, 2), np.float32) if group.rank else x)
    (empty.sum() / len(x)).backward()
    group.average_gradients(layer, 0 if group.rank else 2)
    own = nn.BatchNorm1d(2)
    group.broadcast(own, synchronize_batch_norm=False)
    own(x * (1 + group.rank))
    keep(mean=own.running_mean.data)
    """
    ranks = kept(2, program, tmp_path)
    assert (ranks[1]["mean"] == 2 * ranks[0]["mean"]).all()
