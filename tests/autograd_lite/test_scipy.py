"""SciPy takes derivatives as they are, with nothing set: optimizers, roots, stiff equations."""

import numpy as np
import pytest

import nn
from autograd_lite import (
    Tensor,
    elementwise_grad,
    flatten,
    grad,
    hessian,
    hvp,
    jacobian,
    no_grad,
    value_and_grad,
)

optimize = pytest.importorskip("scipy.optimize")
integrate = pytest.importorskip("scipy.integrate")

CENTRE = np.array([1.0, -0.5, 0.25])
START = np.array([0.5, 0.5, 0.5])


def bowl(x, stretch=1.0):
    """Return a strictly convex function with its minimum 0 at CENTRE, but for the stretch."""
    d = x - CENTRE
    return stretch * (np.sum(np.cosh(d) - 1) + 0.5 * (d[0] + d[1]) ** 2)


def product(x, p, *args):
    return hvp(lambda x: bowl(x, *args), (x,), (p,))[0]


NO_DERIVATIVES = ("Nelder-Mead", "Powell", "COBYLA", "COBYQA")
FIRST = ("CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP")
SECOND = ("Newton-CG", "trust-constr", "dogleg", "trust-ncg", "trust-exact", "trust-krylov")
BOUNDED = ("Nelder-Mead", "Powell", "L-BFGS-B", "TNC", "SLSQP", "trust-constr", "COBYLA", "COBYQA")
PRODUCTS = ("Newton-CG", "trust-constr", "trust-ncg", "trust-krylov")


def derivatives(method):
    first = {} if method in NO_DERIVATIVES else {"jac": grad(bowl)}
    return first | ({"hess": hessian(bowl)} if method in SECOND else {})


@pytest.mark.parametrize("method", NO_DERIVATIVES + FIRST + SECOND)
@pytest.mark.parametrize("args", [(), (3.0,)], ids=["alone", "args"])
def test_every_method_of_minimize(method, args):
    found = optimize.minimize(bowl, START, args, method, **derivatives(method))
    assert found.success
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)


@pytest.mark.parametrize("method", FIRST + SECOND)
@pytest.mark.parametrize("args", [(), (3.0,)], ids=["alone", "args"])
def test_value_and_gradient_at_once(method, args):
    given = derivatives(method) | {"jac": True}
    found = optimize.minimize(value_and_grad(bowl), START, args, method, **given)
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)


@pytest.mark.parametrize("method", PRODUCTS)
@pytest.mark.parametrize("args", [(), (3.0,)], ids=["alone", "args"])
def test_products_with_the_hessian(method, args):
    found = optimize.minimize(bowl, START, args, method, jac=grad(bowl), hessp=product)
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)


@pytest.mark.parametrize("method", BOUNDED)
def test_bounds(method):
    found = optimize.minimize(
        bowl, START, method=method, bounds=[(0, 0.6), (0, 1), (-1, 1)], **derivatives(method)
    )
    np.testing.assert_allclose(found.x, [0.6, 0.0, 0.25], atol=1e-2)
    assert found.x[1] >= -1e-9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_starts_in_single_precision(dtype):
    found = optimize.minimize(value_and_grad(bowl), START.astype(dtype), jac=True)
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)


def ball(x):
    return 1 - np.sum(x**2)


def both(x):
    return np.stack([ball(x), x[0] * x[1] + 1])


ON_THE_BALL = [0.88582, -0.41068, 0.21604]


@pytest.mark.parametrize("f", [ball, both])
def test_constraints_of_slsqp(f):
    by = grad(f) if f is ball else jacobian(f)
    found = optimize.minimize(
        value_and_grad(bowl),
        START,
        jac=True,
        method="SLSQP",
        constraints={"type": "ineq", "fun": f, "jac": by},
    )
    assert found.success
    np.testing.assert_allclose(found.x, ON_THE_BALL, atol=1e-3)


def test_constraints_of_trust_constr():
    curved = optimize.NonlinearConstraint(
        both, 0, np.inf, jac=jacobian(both), hess=lambda x, v: hessian(lambda x: v @ both(x))(x)
    )
    found = optimize.minimize(
        bowl,
        START,
        jac=grad(bowl),
        hess=hessian(bowl),
        method="trust-constr",
        constraints=[curved, optimize.LinearConstraint(np.ones((1, 3)), -5, 5)],
    )
    np.testing.assert_allclose(found.x, ON_THE_BALL, atol=2e-3)


T = np.linspace(0, 2, 20)
Y = 3 * np.exp(-1.5 * T)


def decay(t, a, b):
    return a * np.exp(-b * t)


def residuals(p, t, y):
    return decay(t, p[0], p[1]) - y


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares(method):
    found = optimize.least_squares(
        residuals, [1.0, 1.0], jac=jacobian(residuals), method=method, args=(T, Y)
    )
    np.testing.assert_allclose(found.x, [3, 1.5], rtol=1e-6)
    if method != "lm":
        found = optimize.least_squares(
            residuals,
            [1.0, 1.0],
            jac=jacobian(residuals),
            method=method,
            kwargs={"t": T, "y": Y},
            bounds=([0, 0], [2, 9]),
            loss="soft_l1",
        )
        assert found.x[0] == pytest.approx(2)


def test_curve_fit():
    def by_parameters(t, *p):
        return np.stack(jacobian(decay, range(1, 1 + len(p)))(t, *p), axis=-1)

    for method in ("lm", "trf", "dogbox"):
        best, _ = optimize.curve_fit(decay, T, Y, p0=[1.0, 1.0], jac=by_parameters, method=method)
        np.testing.assert_allclose(best, [3, 1.5], rtol=1e-6)


def circle_and_line(x):
    return np.stack([x[0] ** 2 + x[1] ** 2 - 1, x[0] - x[1]])


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_roots_of_vectors(method):
    found = optimize.root(circle_and_line, [1.0, 0.5], jac=jacobian(circle_and_line), method=method)
    np.testing.assert_allclose(found.x, np.sqrt([0.5, 0.5]))
    x = optimize.fsolve(circle_and_line, [1.0, 0.5], fprime=jacobian(circle_and_line))
    np.testing.assert_allclose(x, np.sqrt([0.5, 0.5]))


def cubic(x):
    return x**3 - 2


def test_roots_of_numbers():
    slope, curvature = grad(cubic), grad(grad(cubic))
    expected = 2 ** (1 / 3)
    for method, given in (("newton", {}), ("halley", {"fprime2": curvature})):
        found = optimize.root_scalar(cubic, x0=1.5, fprime=slope, method=method, **given)
        assert found.root == pytest.approx(expected)
    assert optimize.newton(cubic, 1.5, fprime=slope, fprime2=curvature) == pytest.approx(expected)
    many = optimize.newton(cubic, np.array([1.0, 2.0]), fprime=elementwise_grad(cubic))
    np.testing.assert_allclose(many, expected)


def oscillator(t, y, stiffness):
    return np.stack([y[1], stiffness * (1 - y[0] ** 2) * y[1] - y[0]])


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_stiff_equations(method):
    call = (oscillator, (0.0, 2.0), [2.0, 0.0])
    by_differences = integrate.solve_ivp(*call, method, args=(50.0,), rtol=1e-8)
    exactly = integrate.solve_ivp(
        *call, method, args=(50.0,), rtol=1e-8, jac=jacobian(oscillator, argnums=1)
    )
    assert exactly.success
    np.testing.assert_allclose(exactly.y[:, -1], by_differences.y[:, -1], rtol=1e-5)


X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGET = np.eye(3)


def test_a_dict_of_arrays_is_fitted():
    def loss(p):
        return np.mean((p["scale"] * np.tanh(X @ p["weight"] + p["bias"]) - TARGET) ** 2)

    start = {"weight": np.full((2, 3), 0.1), "bias": np.zeros(3), "scale": 1.0}
    vector, unflatten = flatten(start)

    def cost(v):
        return loss(unflatten(v))

    for given in ({"fun": value_and_grad(cost), "jac": True}, {"fun": cost, "jac": grad(cost)}):
        found = optimize.minimize(x0=vector, method="L-BFGS-B", **given)
        best = unflatten(found.x)
        assert best["weight"].shape == (2, 3)
        assert loss(best) == pytest.approx(found.fun)
        assert found.fun < 0.1 * loss(start)


def test_a_module_is_fitted():
    model = nn.Sequential(nn.Dense(2, 4, rng=0), nn.Sigmoid(), nn.Dense(4, 3, rng=1))
    vector, unflatten = flatten(model)
    start = vector.numpy().astype(float)  # where SciPy goes on in single precision, it overflows

    def cost(v):
        return nn.losses.mean_squared_error(unflatten(v)(X), TARGET)

    before = cost(vector).item()
    found = optimize.minimize(value_and_grad(cost), start, jac=True, method="BFGS")
    fitted = unflatten(found.x)
    assert type(fitted) is nn.Sequential
    assert all(p.requires_grad for p in fitted.parameters())
    assert found.fun < 0.1 * before
    # the parameters of unflatten(v) require gradients, so that cost(v) alone is recorded
    with no_grad():
        found = optimize.minimize(cost, start, jac=grad(cost), method="CG")
    assert found.fun < 0.1 * before


def test_constant_tensors_may_be_part_of_the_function():
    centre = Tensor(CENTRE)

    def f(x):
        return np.sum(np.cosh(x - centre))

    found = optimize.minimize(value_and_grad(f), START, jac=True, method="L-BFGS-B")
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)
    found = optimize.minimize(f, START, jac=grad(f), hess=hessian(f), method="trust-exact")
    np.testing.assert_allclose(found.x, CENTRE, atol=1e-3)
