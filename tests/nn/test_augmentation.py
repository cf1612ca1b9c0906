"""Augmentation, beside scipy.ndimage."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.data import Batches, ElasticTransform, RandomAffine, augmentation

ndimage = pytest.importorskip("scipy.ndimage")


def pictures(shape=(3, 9, 12), dtype=np.float64):
    return np.random.default_rng(1).random(shape).astype(dtype)


class Fixed:
    """A generator that draws what it is told, in units of the bounds."""

    def __init__(self, *values):
        self.values = iter(values)

    def uniform(self, low, high, size):
        return np.broadcast_to((low + high) / 2 + next(self.values) * (high - low) / 2, size)


def applied(change, images, *values):
    """Return images changed by draws that are known."""
    stack = augmentation._stacked(change, images, change.image_shape)
    places = change.sources(stack, Fixed(*values))
    return augmentation._resampled(change, stack, change.fill, *places, images.shape)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    degrees=st.floats(-180, 180),
    down=st.floats(-1.2, 1.2),
    right=st.floats(-1.2, 1.2),
    zoom=st.floats(0.3, 3),
    fill=st.floats(-2, 2),
)
def test_affine_changes_are_those_of_scipy(degrees, down, right, zoom, fill):
    images = pictures()
    change = RandomAffine(180, 1.5, (0.1, 3.9), fill=fill)
    moved = np.array([down, right])[:, None] / 1.5
    ours = applied(change, images, degrees / 180, moved, (zoom - 2) / 1.9)
    a = math.radians(degrees)
    # from new to old: undo the move, turn back, undo the scale; rows first, downwards
    matrix = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]) / zoom
    middle = (np.array(images.shape[1:]) - 1) / 2
    offset = middle - matrix @ (middle + np.array([down, right]) * images.shape[1:])
    for image, new in zip(images, ours, strict=True):
        expected = ndimage.affine_transform(
            image, matrix, offset, order=1, mode="grid-constant", cval=fill
        )
        assert_allclose(new, expected, atol=1e-12)


def test_positive_angles_turn_against_the_clock_and_moves_go_down_and_right():
    image = np.zeros((1, 5, 5))
    image[0, 2, 4] = 1  # to the right of the middle
    (up,) = applied(RandomAffine(90), image, 1, 0, 0)
    assert np.unravel_index(up.argmax(), (5, 5)) == (0, 2)
    (moved,) = applied(RandomAffine(translate=0.4), image, 0, np.array([[0.5], [-1]]), 0)
    assert np.unravel_index(moved.argmax(), (5, 5)) == (3, 2)
    (large,) = applied(RandomAffine(scale=(1, 2)), pictures((1, 5, 5)), 0, 0, 1)
    assert large[2, 2] == pictures((1, 5, 5))[0, 2, 2]


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5, 6.0])
def test_smoothing_is_that_of_scipy(sigma):
    noise = np.random.default_rng(0).standard_normal((11, 7))
    down, across = (augmentation._smoothing(n, sigma, noise.dtype) for n in noise.shape)
    expected = ndimage.gaussian_filter(noise, sigma, mode="constant")
    assert_allclose(down @ noise @ across.T, expected, atol=1e-12)


def test_elastic_changes_are_those_of_scipy():
    images = pictures()
    ours = ElasticTransform(9, 2, fill=0.5)(images, rng=4)
    rng = np.random.default_rng(4)
    RandomAffine().sources(images[:, None], rng)  # which draws first
    fields = [2 * rng.random(images.shape, np.float32).astype(float) - 1 for _ in range(2)]
    assert abs(ours - images).max() > 0.2
    for i, image in enumerate(images):
        places = np.indices(image.shape) + [
            9 * ndimage.gaussian_filter(field[i], 2, mode="constant") for field in fields
        ]
        expected = ndimage.map_coordinates(image, places, order=1, mode="grid-constant", cval=0.5)
        assert_allclose(ours[i], expected, atol=1e-12)


def test_elastic_and_affine_changes_cost_one_resampling():
    images = pictures()
    affine = RandomAffine(20, 0.2, 0.3)
    both = ElasticTransform(0, 1, affine=affine)(images, rng=3)
    assert_array_equal(both, affine(images, rng=3))
    assert not np.array_equal(both, ElasticTransform(5, 1, affine=affine)(images, rng=3))


EACH = [RandomAffine(20, 0.2, 0.3, fill=0.25), ElasticTransform(9, 2, fill=0.25)]
NOTHING = [RandomAffine(), ElasticTransform(0)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("change", NOTHING)
def test_nothing_to_do_gives_the_same_bits(change, dtype):
    images = (pictures((4, 2, 7, 8)) * 255).astype(dtype)
    new = change(images, rng=0)
    assert_array_equal(new, images, strict=True)
    assert not np.shares_memory(new, images)


@pytest.mark.parametrize("change", EACH)
def test_dtypes_agree(change):
    images = (pictures((5, 16, 16)) * 255).astype(np.uint8)
    wide = change(images.astype(np.float64), rng=0)
    assert wide.dtype == np.float64
    for dtype, near in ((np.float32, 1e-3), (np.float16, 0.2), (np.uint8, 0.501)):
        new = change(images.astype(dtype), rng=0)
        assert new.dtype == dtype
        assert abs(new.astype(float) - wide).max() < near


@pytest.mark.parametrize("make", [lambda **s: RandomAffine(20, 0.2, 0.3, **s), ElasticTransform])
def test_shapes(make):
    images = pictures((4, 3, 6, 8))
    whole = make()(images, rng=0)
    for channel in range(3):
        assert_array_equal(make()(images[:, channel], rng=0), whole[:, channel])
    rows = make(image_shape=(3, 6, 8))(images.reshape(4, -1), rng=0)
    assert_array_equal(rows, whole.reshape(4, -1))
    rows = make(image_shape=(6, 8))(images[:, 0].reshape(4, -1), rng=0)
    assert_array_equal(rows, whole[:, 0].reshape(4, -1))
    assert make()(images[:0], rng=0).shape == (0, 3, 6, 8)
    assert make()(np.swapaxes(images, 2, 3), rng=0).shape == (4, 3, 8, 6)


@pytest.mark.parametrize("change", EACH)
def test_each_image_changes_in_its_own_way_and_the_seed_decides(change):
    images = np.broadcast_to(pictures((1, 8, 8)), (3, 8, 8))
    new = change(images, rng=5)
    assert len({image.tobytes() for image in new}) == 3
    assert_array_equal(new, change(images, rng=np.random.default_rng(5)))
    assert not np.array_equal(new, change(images, rng=6))
    assert_array_equal(images[0], pictures((1, 8, 8))[0])


def test_batches_draw_anew_in_each_epoch_and_leave_labels_alone():
    images = pictures((6, 8, 8))
    batches = Batches(images, np.arange(6), batch_size=6, transform=EACH, rng=0)
    ((x, labels),), ((y, others),) = batches, batches
    assert not np.array_equal(x[np.argsort(labels)], y[np.argsort(others)])
    assert sorted(labels) == list(range(6))


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: RandomAffine(-1), "RandomAffine: degrees must lie between 0 and 1e"),
        (lambda: RandomAffine(np.nan), "degrees must lie"),
        (lambda: RandomAffine(1e308), "degrees must lie"),
        (lambda: RandomAffine(translate=-0.1), "translate must lie"),
        (lambda: RandomAffine(scale=1.0), "scale must lie"),
        (lambda: RandomAffine(scale=(2, 1)), "scale must lie between 2"),
        (lambda: RandomAffine(scale=(1, 1e300)), "scale must lie"),
        (lambda: RandomAffine(scale=(1, 2, 3)), "scale must be one number or two"),
        (lambda: ElasticTransform(-1), "ElasticTransform: alpha must lie"),
        (lambda: ElasticTransform(1, 0), "sigma must lie"),
        (lambda: ElasticTransform(1, 1e9), "sigma must lie"),
        (lambda: RandomAffine(image_shape=28), r"RandomAffine: image_shape must be \(H, W\)"),
        (lambda: ElasticTransform(image_shape=(-28, -28)), "image_shape must be"),
        (lambda: RandomAffine(fill=256)(np.zeros((1, 2, 2), np.uint8)), "fill must lie between 0"),
        (lambda: RandomAffine(fill=np.inf)(np.zeros((1, 2, 2))), "fill must lie"),
        (lambda: RandomAffine(fill=1e5)(np.zeros((1, 2, 2), np.float16)), "as values of float16"),
    ],
)
def test_numbers_out_of_range_are_refused(make, complaint):
    with pytest.raises(DomainError, match=complaint):
        make()


def test_factors_are_any_two_numbers():
    images = pictures()
    expected = RandomAffine(scale=(0.9, 1.1))(images, rng=0)
    for scale in ([0.9, 1.1], np.array([0.9, 1.1]), 0.1):
        assert_array_equal(RandomAffine(scale=scale)(images, rng=0), expected)


def test_other_shapes_and_dtypes_are_refused():
    with pytest.raises(ShapeError, match=r"for rows of pixels give image_shape=\(H, W\)"):
        RandomAffine()(np.zeros((2, 784)))
    with pytest.raises(ShapeError, match=r"with 784 pixels, not \(28, 27\)"):
        RandomAffine(image_shape=(28, 27))(np.zeros((2, 784)))
    with pytest.raises(ShapeError, match=r"must be \(N, H, W\)"):
        ElasticTransform()(np.zeros(3))
    with pytest.raises(DTypeError, match="RandomAffine of int64: images must be floating"):
        RandomAffine()(np.zeros((2, 3, 3), np.int64))
