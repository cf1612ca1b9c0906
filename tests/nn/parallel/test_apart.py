"""Processes that don't do the same: an error in all of them; and no process waits forever."""

import signal
import subprocess
import time

import pytest

from .launching import SECONDS, command, kept, launch, needs_mpi, write

pytestmark = needs_mpi


def test_different_calls_are_an_error_in_all_processes(tmp_path):
    program = """
    p = Tensor(np.zeros(group.rank + 1), requires_grad=True)
    p.grad = Tensor(np.ones(group.rank + 1))
    said = refused(errors.ParallelError, group.average_gradients, [p], 1)
    assert said == (
        "the processes must do the same, but "
        "rank 0 averages the gradients of 1 parameters: float64 (1,); "
        "rank 1 averages the gradients of 1 parameters: float64 (2,)"
    ), said
    assert p.grad.data.tolist() == [1] * (group.rank + 1)
    call = group.any if group.rank else group.sum
    said = refused(errors.ParallelError, call, 1)
    assert "rank 0 takes the sum of int64 (); rank 1 asks whether any" in said, said
    model = nn.Dense(3, 2 + group.rank, rng=0)
    said = refused(errors.ParallelError, group.broadcast, model)
    assert "rank 1 broadcasts Dense with weight float32 (3, 3), bias float32 (3,)" in said, said
    many = [Tensor(np.zeros(i + group.rank), requires_grad=True) for i in range(100)]
    said = refused(errors.ParallelError, group.average_gradients, many, 1)
    assert len(said) < 1200 and " ..." in said
    said = refused(errors.DomainError, group.mean, 1.0, 0)
    said = refused(errors.DomainError, group.average_gradients, [], 0)
    assert group.sum(1) == 2  # they still can
    keep()
    """
    kept(2, program, tmp_path)


def test_different_batches_are_found(tmp_path):
    program = """
    model = nn.Dense(1, 1, rng=0)
    x = np.arange(100.0, dtype=np.float32).reshape(100, 1)
    for same in (True, False):
        batches = nn.data.Batches(x, batch_size=10, rng=None if not same else 0, share=group.share)
        (part,) = next(iter(batches))
        model(part).sum().backward()
        if same:
            group.average_gradients(model, len(part))
        else:
            said = refused(errors.ParallelError, group.average_gradients, model, len(part))
    assert "by a generator with the same seed" in said, said
    keep()
    """
    kept(2, program, tmp_path)


def test_a_captured_function_does_not_forget_an_exchange(tmp_path):
    program = """
    calls = 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        @capture
        def step(x):
            return 2 * x if group.any(False) else 3 * x

        for _ in range(30 if group.rank else 30):
            assert step(np.ones(2)).tolist() == [3, 3]
            assert group.any(group.rank == 1)
    assert any("can't be captured" in str(w.message) for w in caught), caught
    assert not step.programs

    layer = nn.BatchNorm1d(2)
    group.broadcast(layer)
    said = refused(errors.UnsupportedError, capture(layer), np.ones((2, 2), np.float32))
    assert "outside of captured functions" in said, said
    keep()
    """
    kept(2, program, tmp_path)


DEATHS = {
    "exception": "raise ValueError('lost')",
    "exit with an error": "sys.exit(3)",
    "an early end": "sys.exit()",
    "no goodbye": "os._exit(3)",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM)",
    "interrupted alone": "os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
}


@pytest.mark.parametrize(
    ("death", "rank"),
    [(death, 1) for death in DEATHS] + [(death, 0) for death in ("exception", "an early end")],
)
def test_if_one_process_dies_all_end_with_an_error(death, rank, tmp_path):
    program = f"""
    for step in range(10**9):
        if step == 100 and group.rank == {rank}:
            {DEATHS[death]}
        group.sum(step)
    """
    begun = time.monotonic()
    done = launch(3 if rank else 2, program, tmp_path)
    assert done.returncode != 0
    assert time.monotonic() - begun < SECONDS / 2
    if death == "exception":
        assert "ValueError: lost" in done.stderr
    if death == "an early end":
        # two processes say so, at once and into each other's lines
        assert "ParallelError" in done.stderr, done.stderr
        assert f"rank {rank} has ended" in done.stderr, done.stderr


def test_an_end_without_goodbye_nor_error_ends_all(tmp_path):
    program = """
    group.sum(1)
    if group.rank:
        os._exit(0)  # mpiexec takes that for success
    while True:
        group.sum(1)
    """
    launch(2, program, tmp_path)


def test_processes_that_end_at_different_times_end_well(tmp_path):
    program = """
    group.sum(1)
    if not group.rank:
        time.sleep(1.5)
    keep()
    """
    kept(2, program, tmp_path)


def test_an_exception_that_is_caught_is_not_the_end(tmp_path):
    program = """
    try:
        raise ValueError("known")
    except ValueError:
        pass
    assert group.sum(1) == 2
    keep()
    """
    kept(2, program, tmp_path)


@pytest.mark.parametrize(
    "work", ["group.sum(1)", "time.sleep(100) if group.rank else group.sum(1)"]
)
def test_ctrl_c_ends_all(work, tmp_path):
    program = f"""
    group.sum(1)
    (Path(sys.argv[1]) / f"begun{{group.rank}}").touch()
    while True:
        {work}
    """
    arguments, environment = command(2, write(tmp_path, program), tmp_path)
    started = subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + SECONDS
        while not all((tmp_path / f"begun{rank}").exists() for rank in (0, 1)):
            assert started.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=SECONDS)
    finally:
        started.kill()
    assert started.returncode != 0
    assert "KeyboardInterrupt" in said
