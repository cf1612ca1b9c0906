"""JAX and PyTorch, where they are installed (the extra ``peers``), as oracles for transforms."""

import numpy as np
import pytest

from autograd_lite import grad, hessian, hvp, jacobian, jvp, vjp

RNG = np.random.default_rng(0)
X = RNG.standard_normal(4)
V = RNG.standard_normal(4)
W = RNG.standard_normal((4, 3))
Z = RNG.standard_normal(3) + 1j * RNG.standard_normal(3)
U = RNG.standard_normal(3) + 1j * RNG.standard_normal(3)


def vector(xp, x, w):
    return xp.tanh(x @ w) * xp.sin(x).sum()


def scalar(xp, x, w):
    return (vector(xp, x, w) ** 2).sum()


def mixed(xp, z):
    """Return what isn't holomorphic."""
    return z**2 * xp.conj(z) + xp.exp(z)


def logistic(xp, w):
    z = xp.tanh(INPUTS[xp] @ w)
    return xp.logaddexp(z * 0, z).sum() + (w * w).sum() / 2


def likelihood(xp, h):
    """Return a Gaussian process's negative log-likelihood."""
    x = INPUTS[xp][:, 0]
    k = xp.exp(h[0] - (x[:, None] - x) ** 2 / xp.exp(h[1])) + xp.diag(xp.exp(h[2]) + x * 0)
    factor = xp.linalg.cholesky(k)
    return x @ xp.linalg.solve(k, x) / 2 + xp.log(xp.diagonal(factor)).sum()


def attention(xp, x):
    s = xp.exp(x @ x.T / 2)
    return (s / s.sum(1)[:, None]) @ x


def predators_and_prey(xp, p):
    """Return the state after Runge-Kutta steps."""

    def rate(y):
        return xp.stack([p[2] * y[0] - p[3] * y[0] * y[1], p[3] * y[0] * y[1] - y[1]])

    y = p[:2]
    for _ in range(5):
        middle = y + 0.05 * rate(y)
        y = y + 0.1 * rate(middle)
    return y


INPUTS = {np: RNG.standard_normal((6, 4))}


def close(ours, theirs):
    np.testing.assert_allclose(ours.data, np.asarray(theirs), rtol=1e-10, atol=1e-12)


class TestJAX:
    @pytest.fixture(autouse=True)
    def jax(self):
        self.jax = pytest.importorskip("jax", reason="the extra 'peers' isn't installed")
        self.jax.config.update("jax_enable_x64", True)
        self.np = self.jax.numpy

    def test_real(self):
        jax, jnp = self.jax, self.np
        for argnum in (0, 1):
            close(
                grad(lambda x, w: scalar(np, x, w), argnum)(X, W),
                jax.grad(lambda x, w: scalar(jnp, x, w), argnum)(X, W),
            )
            close(
                jacobian(lambda x, w: vector(np, x, w), argnum)(X, W),
                jax.jacrev(lambda x, w: vector(jnp, x, w), argnum)(X, W),
            )
            close(
                hessian(lambda x, w: scalar(np, x, w), argnum)(X, W),
                jax.hessian(lambda x, w: scalar(jnp, x, w), argnum)(X, W),
            )
        ours = jvp(lambda x: vector(np, x, W), (X,), (V,))
        theirs = jax.jvp(lambda x: vector(jnp, x, W), (X,), (V,))
        for a, b in zip(ours, theirs, strict=True):
            close(a, b)
        close(
            hvp(lambda x: scalar(np, x, W), (X,), (V,))[0],
            jax.jvp(jax.grad(lambda x: scalar(jnp, x, W)), (X,), (V,))[1],
        )

    def test_nested_containers(self):
        tree = {"x": [X, (W, 2.0)]}

        def f(xp):
            return lambda t: scalar(xp, t["x"][0], t["x"][1][0]) * t["x"][1][1]

        ours, theirs = grad(f(np))(tree), self.jax.grad(f(self.np))(tree)
        close(ours["x"][0], theirs["x"][0])
        close(ours["x"][1][0], theirs["x"][1][0])
        close(ours["x"][1][1], theirs["x"][1][1])

    def test_complex_gradients_are_the_conjugates(self):
        ours = grad(lambda z: (mixed(np, z) * np.conj(mixed(np, z))).real.sum())(Z)
        theirs = self.jax.grad(lambda z: (abs(mixed(self.np, z)) ** 2).sum())(Z)
        close(ours, np.conj(theirs))

    def test_complex_jacobians_and_directions_are_the_same(self):
        jax = self.jax
        close(jacobian(np.tanh)(Z), jax.jacrev(self.np.tanh, holomorphic=True)(Z))
        ours = jvp(lambda z: mixed(np, z), (Z,), (U,))[1]
        close(ours, jax.jvp(lambda z: mixed(self.np, z), (Z,), (U,))[1])


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
class TestTorch:
    @pytest.fixture(autouse=True)
    def torch(self):
        self.torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

    def test_real(self):
        torch = self.torch
        x, w, v = map(torch.tensor, (X, W, V))
        close(
            jacobian(lambda x: vector(np, x, W))(X),
            torch.func.jacrev(lambda x: vector(torch, x, w))(x),
        )
        close(
            hessian(lambda w: scalar(np, X, w))(W),
            torch.func.hessian(lambda w: scalar(torch, x, w))(w),
        )
        close(
            hvp(lambda x: scalar(np, x, W), (X,), (V,))[0],
            torch.autograd.functional.hvp(lambda x: scalar(torch, x, w), x, v)[1],
        )

    def test_models(self):
        torch, func = self.torch, self.torch.func
        INPUTS[torch] = torch.tensor(INPUTS[np])
        for f, x in ((logistic, X), (likelihood, X[:3])):
            close(
                hessian(lambda x, f=f: f(np, x))(x),
                func.hessian(lambda x, f=f: f(torch, x))(torch.tensor(x)),
            )
        for f, x in ((attention, W), (predators_and_prey, abs(X))):
            ours = jacobian(lambda x, f=f: f(np, x))
            theirs = func.jacrev(lambda x, f=f: f(torch, x))
            close(ours(x), theirs(torch.tensor(x)))
            close(jacobian(ours)(x), func.jacfwd(theirs)(torch.tensor(x)))

    def test_complex(self):
        torch = self.torch
        z, u = torch.tensor(Z), torch.tensor(U)
        close(
            grad(lambda z: (mixed(np, z) * np.conj(mixed(np, z))).real.sum())(Z),
            torch.func.grad(lambda z: (mixed(torch, z) * mixed(torch, z).conj()).real.sum())(z),
        )
        _, ours = vjp(lambda z: mixed(np, z), Z)
        _, theirs = torch.func.vjp(lambda z: mixed(torch, z), z)
        close(ours(U)[0], theirs(u)[0].resolve_conj())
