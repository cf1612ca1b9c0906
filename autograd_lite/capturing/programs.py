"""A captured program: what was recorded, compiled, and what it looks like."""

from typing import Any, final

from autograd_lite.capturing.observing.arguments import Arguments
from autograd_lite.capturing.observing.calling import Recorded
from autograd_lite.capturing.observing.fingerprint import fingerprint
from autograd_lite.capturing.printing.listing import Listing, shown_steps
from autograd_lite.capturing.printing.naming import Naming
from autograd_lite.capturing.program.calls import Call
from autograd_lite.capturing.replay.binding import MissError
from autograd_lite.capturing.replay.running import Replay
from autograd_lite.errors import UnsupportedError

_KNOWN = {"autograd_lite", "nn", "numpy", "contextlib", "copy", "dataclasses", "enum", "inspect"}
"""The modules whose functions take a traced float for a float; our transforms call the last."""


@final
class Program:
    """The NumPy calls that a captured function makes.

    ``print(program)`` shows it as NumPy source, and :meth:`source` gives a Python module.

    Attributes
    ----------
    call : callable
        ``(args, kwargs) -> result``: does what the function does. Raises ``MissError`` for another
        call, and for all until a second call has confirmed the program.
    signature, mode
        For which arguments, and in which mode, it was recorded: whether ops are recorded, and
        whether a transform is calling.
    original : Recorded or list
        A recording of the same calls that optimization hasn't changed, or its fingerprint.
    """

    def __init__(
        self,
        recorded: Recorded,
        arguments: Arguments,
        mode: Any,
        function: Any = None,
        *,
        fast: bool = False,
        keep_grads: bool = False,
    ) -> None:
        self.recorded = recorded._replace(returned=None)
        self.arguments = arguments
        self.signature = arguments.signature
        self.mode = self.recording, self.inside = mode
        self.function = function
        self.fast = fast
        self._keep_grads = keep_grads
        self.original: Any = self.recorded
        self.call: Any = _unconfirmed
        self.replay: Replay | None = None

    @property
    def reads_types(self) -> bool:
        """Whether a function that ran asks for types, and so may tell a traced float apart."""
        return any(
            "type" in code.co_names and module.partition(".")[0] not in _KNOWN
            for code, module in self.recorded.trace.listening.codes.items()
        )

    def number_at(self, identity: Any) -> float | None:
        """Return the float that stood at a place when the program was recorded."""
        for term in self.recorded.terms:
            if (term.kind, id(term.holder), term.key) == identity:
                return term.value if type(term.value) is float else None
        for value in self.recorded.trace.inputs:
            if value.weak and value.source.place.identity == identity:
                return float(value.source.array)
        return self.arguments.number_at(identity)

    def confirm(self, other: "Program") -> None:
        """Compile the program, which another recording has confirmed."""
        self.original = fingerprint(self.recorded) if other is self else other.original
        before = {at.identity: had for at, had in other.recorded.graded.items()}
        graded = {
            at: had
            for at, had in self.recorded.graded.items()
            if before.get(at.identity, had) is had
        }
        self.recorded = self.recorded._replace(graded=graded)
        self.replay = Replay(
            self.recorded, self.arguments, fast=self.fast, keep_grads=self._keep_grads
        )
        self.call = self.replay.call

    def __str__(self) -> str:
        try:
            return Listing(self, whole=False).text()
        except UnsupportedError as error:
            return f"# {error}"

    def __repr__(self) -> str:
        steps, _ = shown_steps(self)
        calls = sum(isinstance(step, Call) for step in steps)
        name = getattr(self.function, "__qualname__", "a function")
        state = ", not confirmed yet" if self.replay is None else ""
        return f"<Program of {name}: {calls} NumPy calls{state}>"

    def source(self) -> str:
        """Return a Python module that does what the program does, with NumPy alone.

        It has one function, named as the captured one. Its positional parameters are the arrays
        among the function's arguments, tensors being arrays too; those in containers are parameters
        of their own (``batch_0``). Its keyword parameters are the arrays and random generators that
        the function finds elsewhere: :meth:`arrays` has them. Other arguments are built in.

        It returns what the function returns, with arrays for tensors, tuples for named tuples and
        dicts for other objects. What the function writes into is written in place. If it leaves
        gradients, or puts something new into an attribute, a second result is a dict of these by
        name: ``{"weight_grad": ..., "model_h": ...}``.

        The bits are those of the exact mode, for arrays of the same shapes, dtypes and memory order
        and the same version of NumPy. Other shapes raise ``ValueError``.

        Returns
        -------
        str

        Raises
        ------
        UnsupportedError
            If the function calls something that isn't NumPy's or SciPy's, or returns an object that
            can't be written down.

        Examples
        --------
        >>> import autograd_lite, numpy as np
        >>> @autograd_lite.capture
        ... def double(x):
        ...     return 2 * x
        >>> y = double(np.arange(3.0))
        >>> module = {}
        >>> exec(double.program.source(), module)
        >>> module["double"](np.ones(3))
        array([2., 2., 2.])
        """
        return Listing(self, whole=True).module()

    def arrays(self) -> dict[str, Any]:
        """Return the arrays that the function of :meth:`source` takes by keyword, as they are now.

        They aren't copied. Random generators are among them.

        Returns
        -------
        dict
        """
        steps, _ = shown_steps(self)
        naming = Naming(self, steps, self.recorded.trace.inputs)
        return {p.name: p.value.source.place.get() for p in naming.reached if p.value is not None}


def _unconfirmed(args: Any, kwargs: Any) -> Any:
    raise MissError("the program is unconfirmed")
