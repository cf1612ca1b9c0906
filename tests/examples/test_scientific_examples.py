"""The examples with a loop of their own: short runs, and oracles for their mathematics."""

import signal
import sys

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor, kernels

from autograd_lite import Tensor, grad, tree_map, value_and_grad

from .programs import check_help, load, refused

SHORT = {
    "burgers": ["--layers", "1", "--units", "3", "--points", "20", "--rounds", "2"],
    "gaussian_process": ["--months", "24", "--starts", "2"],
    "learning_to_learn": ["--units", "3", "--updates", "10", "--tasks", "3"],
}
NAMES = pytest.mark.parametrize("name", SHORT)


@NAMES
def test_a_short_run(name, run, tmp_path):
    code, lines, err = run(name)
    assert (code, err) == (0, "")
    picture = tmp_path / "output" / f"{name}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert lines[-1] == f"wrote {picture}"


@NAMES
def test_capturing_and_the_seed(name, run):
    first, again, eager, other = (
        run(name, *options, draw=False)[1] for options in ([], [], ["--eager"], ["--seed", "1"])
    )
    assert first == again == eager
    assert first != other


@NAMES
def test_help(name, capsys):
    check_help(name, capsys)


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        *((name, ["--seed", "-1"], "--seed: must be a whole number from 0 on") for name in SHORT),
        ("burgers", ["--nu", "0"], "--nu: must be a number from 0.001 to 1, not '0'"),
        ("burgers", ["--points", "3"], "--points: must be a whole number from 4 to 20000"),
        ("burgers", ["--rounds", "-1"], "--rounds: must be a whole number from 1 on, not '-1'"),
        ("gaussian_process", ["--months", "3"], "--months: must be 12 or more, not '3'"),
        ("gaussian_process", ["--starts", "0"], "--starts: must be a whole number from 1 on"),
        ("gaussian_process", ["--period", "nan"], "--period: must be a finite number above 0"),
        ("learning_to_learn", ["--steps", "0"], "--steps: must be a whole number from 1 on"),
        ("learning_to_learn", ["--rate", "inf"], "--rate: must be a finite number above 0"),
        ("gaussian_process", ["--data", "none.csv"], "--data: must be a file that exists"),
    ],
)
def test_odd_arguments(name, arguments, complaint, tmp_path, monkeypatch, capsys):
    refused(name, arguments, complaint, tmp_path, monkeypatch, capsys)


class TestBurgers:
    def test_the_exact_solution_starts_and_ends_as_it_should(self):
        exact = load("burgers").exact
        x = np.linspace(-1, 1, 21)
        np.testing.assert_allclose(exact(np.zeros(21), x, 0.01), -np.sin(np.pi * x), atol=1e-12)
        np.testing.assert_allclose(exact(np.full(21, 0.7), x, 0.01)[[0, 10, 20]], 0, atol=1e-12)

    def test_the_steepest_slope_of_the_exact_solution(self):
        """Basdevant and others, 1986: 152.00516 at the time 1.6037 / pi."""
        x = 1e-6 * np.array([-1, 1])
        high, low = load("burgers").exact(np.full(2, 1.6037 / np.pi), x, 0.01 / np.pi)
        assert (high - low) / 2e-6 == pytest.approx(152.00516, abs=1e-3)

    def test_the_exact_solution_obeys_the_equation(self):
        rng = np.random.default_rng(0)
        t, x = rng.uniform(0.1, 1, 20), rng.uniform(-1, 1, 20)
        nu, h = 0.05, 1e-4

        def u(dt=0.0, dx=0.0):
            return load_exact(t + dt, x + dx, nu)

        load_exact = load("burgers").exact
        u_t, u_x = (u(h) - u(-h)) / (2 * h), (u(0, h) - u(0, -h)) / (2 * h)
        u_xx = (u(0, h) - 2 * u() + u(0, -h)) / h**2
        np.testing.assert_allclose(u_t + u() * u_x, nu * u_xx, atol=1e-4)

    def test_the_residual(self):
        t, x = np.random.default_rng(0).uniform(-1, 1, (2, 5, 1))
        missed = load("burgers").residual(lambda t, x: t * x + x**3, t, x, 0.1, create_graph=False)
        expected = x + (t * x + x**3) * (t + 3 * x**2) - 0.1 * 6 * x
        np.testing.assert_allclose(missed.numpy(), expected)

    def test_the_network_is_0_at_both_ends(self):
        example = load("burgers")
        model = example.Solution(2, 4, np.random.default_rng(0))
        t = np.linspace(0, 1, 3, dtype=np.float32)[:, None]
        for end in (-np.ones_like(t), np.ones_like(t)):
            assert (model(t, end).numpy() == 0).all()
        assert (model(t, 0 * t).numpy() != 0).any()

    def test_more_points_are_drawn_where_the_equation_is_missed(self):
        example = load("burgers")

        def missed(points):
            return np.where(points[:, 1:] > 0, 3.0, 0.0)

        drawn = example.hard(missed, 1000, np.random.default_rng(0))
        assert drawn.shape == (1000, 2)
        assert drawn.dtype == np.float32
        assert np.mean(drawn[:, 1] > 0) == pytest.approx(0.75, abs=0.05)

    def test_training_comes_nearer_to_the_exact_solution(self, run):
        sizes = ["--nu", "0.1", "--layers", "2", "--units", "10", "--points", "200"]
        lines = run("burgers", *sizes, "--rounds", "3", draw=False)[1]
        assert float(lines[-1].split()[2]) < 2


class TestLearningToLearn:
    @pytest.fixture
    def example(self):
        return load("learning_to_learn")

    def test_tasks_are_sine_curves(self, example):
        x, y, asked_x, asked_y = example.draw_tasks(50, np.random.default_rng(0))
        assert x.shape == y.shape == asked_x.shape == asked_y.shape == (50, 10, 1)
        assert {array.dtype for array in (x, y, asked_x, asked_y)} == {np.dtype("float32")}
        # a sine and a cosine of the places known explain what is asked for
        for known, values, places, expected in zip(x, y, asked_x, asked_y, strict=True):
            waves = [np.hstack([np.sin(at), np.cos(at)]).astype(float) for at in (known, places)]
            parts = np.linalg.lstsq(waves[0], values)[0]
            np.testing.assert_allclose(waves[1] @ parts, expected, atol=1e-3)
            assert 0.1 <= np.hypot(*parts[:, 0]) <= 5

    def test_each_task_has_a_step_of_its_own(self, example):
        network = example.Network(4, np.random.default_rng(0))
        tasks = example.draw_tasks(3, np.random.default_rng(1))
        together = example.adapted(network, tasks, 2, 0.01)(tasks.asked_x).numpy()
        for i in range(3):
            alone = example.Tasks(*(array[i : i + 1] for array in tasks))
            expected = example.adapted(network, alone, 2, 0.01)(alone.asked_x).numpy()
            np.testing.assert_allclose(together[i : i + 1], expected, rtol=1e-5)
        assert not np.allclose(together, network(tasks.asked_x).numpy())

    def test_the_gradient_goes_through_the_steps(self, example):
        """Compared with differences of the loss after the steps, which know of no gradient."""
        rng = np.random.default_rng(0)
        network = tree_map(
            lambda w: Tensor(w.numpy().astype(float), requires_grad=True), example.Network(3, rng)
        )
        tasks = example.Tasks(*rng.standard_normal((4, 2, 5, 1)))

        def ahead(network):
            return example.misfit(example.adapted(network, tasks, 2, 0.1), *tasks[2:])

        slopes = grad(ahead)(network).weights[1].numpy()
        data = network.weights[1].data
        for i in np.ndindex(data.shape):
            around = []
            for shift in (1e-5, -1e-5):
                moved = data.copy()
                moved[i] += shift
                network.weights[1].data = moved
                around.append(ahead(network).item())
            np.testing.assert_allclose(slopes[i], (around[0] - around[1]) / 2e-5, rtol=1e-4)

    def test_training_that_diverges_is_an_error_in_one_line(self, run):
        code, _, err = run("learning_to_learn", "--learning-rate", "1e30")
        assert code == 1
        assert err.startswith("learning_to_learn.py: error: the loss became ")

    def test_it_learns_to_learn(self, run):
        lines = run("learning_to_learn", "--units", "20", "--updates", "500", draw=False)[1]
        ours, theirs = (
            float(line.split(", ")[-1].split()[0]) for line in lines if "after 20" in line
        )
        assert ours < theirs


def test_without_scipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(SystemExit, match=r"'scipy', which isn't installed; run: pip install"):
        load("gaussian_process")


class TestSteps:
    @pytest.fixture
    def steps(self):
        def steps(total):
            options = load("gaussian_process").parse(["--no-progress"])
            return load("program").Steps(options, total, "steps")

        return steps

    def test_ctrl_c_ends_the_loop_after_the_step(self, steps, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        seen = []
        with steps(5) as numbers:
            for number in numbers:
                if number == 2:
                    signal.raise_signal(signal.SIGINT)
                seen.append(number)
        assert seen == [1, 2]
        assert numbers.interrupted
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_a_second_one_interrupts_at_once(self, steps, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        def loop():
            with steps(5) as numbers:
                for _ in numbers:
                    signal.raise_signal(signal.SIGINT)
                    signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            loop()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_without_one_it_goes_to_the_end(self, steps, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setitem(sys.modules, "tqdm", None)  # there is no progress bar then
        with steps(3) as numbers:
            assert list(numbers) == [1, 2, 3]
        assert not numbers.interrupted


class TestGaussianProcess:
    LOGS = np.log([1.3, 2.0, 0.8, 5.0, 1.1, 0.7, 0.3])

    @pytest.fixture
    def series(self):
        rng = np.random.default_rng(0)
        times = np.sort(rng.uniform(0, 4, 20))
        return load("gaussian_process").Series(times, rng.standard_normal(20), times[:0], times[:0])

    @pytest.fixture
    def theirs(self, series):
        size, length, wave, far, period, smooth, noise = np.exp(self.LOGS)
        kernel = (
            kernels.ConstantKernel(size**2) * kernels.RBF(length)
            + kernels.ConstantKernel(wave**2)
            * kernels.RBF(far)
            * kernels.ExpSineSquared(smooth, period)
            + kernels.WhiteKernel(noise**2)
        )
        process = GaussianProcessRegressor(kernel, alpha=0, optimizer=None)
        return process.fit(series.times[:, None], series.values - series.values.mean())

    def test_the_likelihood_and_its_gradient_are_those_of_scikit_learn(self, series, theirs):
        example = load("gaussian_process")
        values = series.values - series.values.mean()
        value, slope = value_and_grad(example.misfit)(self.LOGS, series.times, values)
        expected, slopes = theirs.log_marginal_likelihood(theirs.kernel_.theta, eval_gradient=True)
        np.testing.assert_allclose(-value, expected, rtol=1e-9)
        # theirs are by the squares of sizes, and the smoothness is before the period
        squares = np.array([2, 1, 2, 1, 1, 1, 2])
        order = [0, 1, 2, 3, 5, 4, 6]
        np.testing.assert_allclose(-slope, (slopes * squares)[order], rtol=1e-6)

    def test_predictions_are_those_of_scikit_learn(self, series, theirs):
        found = load("gaussian_process").predict(self.LOGS, series, np.linspace(-1, 6, 9))
        mean, deviation = theirs.predict(np.linspace(-1, 6, 9)[:, None], return_std=True)
        np.testing.assert_allclose(found.mean - series.values.mean(), mean, rtol=1e-7)
        np.testing.assert_allclose(found.mean, found.trend + found.wave)
        # their deviation has the noise in it
        whole = np.hypot(found.deviation, np.exp(self.LOGS[-1]))
        np.testing.assert_allclose(whole, deviation, rtol=1e-7)

    def test_the_fit_finds_what_the_series_was_made_of(self, run):
        lines = run("gaussian_process", "--months", "96", draw=False)[1]
        found = {}
        for line in lines:
            if line.startswith("  "):
                found.setdefault(line.split(":")[0].strip(), float(line.split()[-1]))
        assert found["its period"] == pytest.approx(1, rel=0.01)
        assert found["size of the noise"] == pytest.approx(0.2, rel=0.3)
        before, after = (float(word) for word in lines[3].split() if word[-1].isdigit())
        assert after > before + 10

    def test_a_table_of_ones_own(self, run, tmp_path):
        file = tmp_path / "own.csv"
        rows = [f"{t / 4}, {np.sin(t)}" for t in range(12)]
        file.write_text("\n".join(["# time, value", *reversed(rows)]))
        code, lines, _ = run("gaussian_process", "--data", str(file))
        assert code == 0
        assert lines[0] == "12 values from 0 to 2.75"

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("", "there are no numbers in it"),
            ("# none\n\n", "there are no numbers in it"),
            ("1 2\n2 3\n", "3 rows or more of 2 numbers are needed"),
            ("1 2 3\n1 2 3\n1 2 3\n", "3 rows or more of 2 numbers are needed"),
            ("time,value\n1,2\n", "not a table of numbers"),
            ("1 2\n2 nan\n3 4\n", "values that are not finite"),
            ("1 2\n1 3\n1 4\n", "all times, or all values, are the same"),
            ("\x00\xff", "not a table of numbers"),
        ],
    )
    def test_odd_tables(self, text, complaint, run, tmp_path):
        file = tmp_path / "odd.txt"
        file.write_text(text, encoding="latin1")
        code, _, err = run("gaussian_process", "--data", str(file))
        assert code == 1
        assert err.startswith(f"gaussian_process.py: error: {file}: ")
        assert complaint in err
        assert len(err.splitlines()) == 1
