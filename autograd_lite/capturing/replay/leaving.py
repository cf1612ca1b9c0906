"""What a program leaves: its result, and what it changes besides."""

from typing import Any, final

from autograd_lite.capturing.observing.outcome import Description, Effect
from autograd_lite.capturing.optimization.fewer_calls import is_generator
from autograd_lite.capturing.program.calls import Value
from autograd_lite.capturing.replay.binding import Names
from autograd_lite.capturing.replay.fetching import Fetching
from autograd_lite.grads import Withheld
from autograd_lite.graph import next_index
from autograd_lite.tensor import Tensor
from autograd_lite.writes import note_update, written


@final
class Leaving:
    """Generates the lines that make the result of a call, and repeat its effects.

    Parameters
    ----------
    recorded : Recorded
    arguments : Arguments
    names : Names
    fetching : Fetching
        Knows the expressions for tensors and places.
    variables : dict
        The variables of the values that the program has computed.
    """

    def __init__(
        self,
        recorded: Any,
        arguments: Any,
        names: Names,
        fetching: Fetching,
        variables: dict[Value, str],
    ) -> None:
        self._recorded = recorded
        self._arguments = arguments
        self._names = names
        self._fetching = fetching
        self._variables = variables
        names.space.update(
            new=object.__new__,
            constant=Tensor.of,
            next_index=next_index,
            note_update=note_update,
            written=written,
            put=object.__setattr__,
        )

    def lines(self) -> tuple[list[str], str]:
        """Return lines that make everything and put it in its place, and the result's name."""
        lines: list[str] = []
        made: dict[int, str] = {}
        effects: list[str] = []
        for effect in self._recorded.effects:
            effects += self._effect(effect, lines, made)
        effects += self._noting()
        result = self._make(self._recorded.result, lines, made)
        return lines + effects, result

    def _noting(self) -> list[str]:
        """Return lines that tell the graphs of earlier ops what is written now."""
        touched = [effect for effect in self._recorded.effects if effect.kind == "touch"]
        written = [
            i
            for i, value in enumerate(self._fetching.inputs)
            if value in self._fetching.written
            and value.source.place.kind == "slot"
            and not is_generator(value)
        ]
        if not (touched or written):
            return []
        lines = ["n = next_index()"]
        lines += [f"{self._fetching.tensor_at(e.target, e.tensor)}.index = n" for e in touched]
        for i in written:
            if self._fetching.is_moving(self._fetching.inputs[i]):
                lines.append(f"note_update(i{i}, n)")
            else:
                self._fetching.stamped.add(i)
                self._names.space[f"s{i}"] = None
                lines.append(f"s{i}.updated = s{i}.last_written = n")
        return [*lines, "written.latest = n"]

    def forgetting(self) -> list[str]:
        """Return lines that let go of gradients, so that their memory can take the new ones.

        Where the program can turn out to be for another call, they stay until then.
        """
        reads = any(
            getattr(v.source.place.parent, "key", "") == "_grad" for v in self._fetching.inputs
        )
        if reads:
            return []
        return [
            f"{self._fetching.tensor_at(e.target, e.tensor)}._grad = None"
            for e in self._recorded.effects
            if e.kind == "grad" and e.description[0] == "tensor"
        ]

    def _effect(self, effect: Effect, lines: list[str], made: dict[int, str]) -> list[str]:
        if effect.kind == "touch":
            return []
        new = self._make(effect.description, lines, made)
        if effect.kind == "grad":
            return [f"{self._fetching.tensor_at(effect.target, effect.tensor)}._grad = {new}"]
        if effect.kind == "data":
            return [f"{self._fetching.tensor_at(effect.target, effect.tensor)}.array = {new}"]
        place = effect.target
        if place.kind == "slot":
            return [f"put({self._names(place.holder)}, {place.key!r}, {new})"]
        return [f"{self._fetching.expression(place)} = {new}"]

    def _make(self, described: Description, lines: list[str], made: dict[int, str]) -> str:
        """Return the expression for something new; lines that it needs are added."""
        kind, what = described[:2]
        if kind == "tensor":
            return self._make_tensor(described, lines, made)
        if kind == "items":
            return self._make_container(described, lines, made)
        if kind == "value":
            return self._variables[what]
        if kind == "again":
            return made[what]
        if kind == "argument":
            text: str = self._arguments.path(what, self._names)
        else:
            text = self._names(_WITHHELD if kind == "withheld" else what)
        return f"{text}.copy()" if kind == "copy" else text

    def _make_tensor(self, described: Description, lines: list[str], made: dict[int, str]) -> str:
        _, number, array, tracked, op, params, grad = described
        made[number] = name = f"t{number}"
        if op is None and not tracked and grad == ("plain", None):  # such as a gradient
            lines.append(f"{name} = constant({self._make(array, lines, made)})")
            return name
        lines += [
            f"{name} = new(Tensor)",
            f"{name}.array = {self._make(array, lines, made)}",
            f"{name}.tracked = {tracked}",
            f"{name}.index = next_index()",
            f"{name}.op = {name}._grad = None",
        ]
        if grad != ("plain", None):
            lines.append(f"{name}._grad = {self._make(grad, lines, made)}")
        if op is not None:  # its graph was released
            lines.append(f"{name}.op = {self._names(op)}")
            lines.append(f"{name}.inputs = {name}.values = None")
            lines.append(f"{name}.params = {self._names(params)}")
        return name

    def _make_container(
        self, described: Description, lines: list[str], made: dict[int, str]
    ) -> str:
        _, number, cls, keys, children = described
        made[number] = name = f"t{number}"
        names = self._names
        parts = [self._make(child, lines, made) for child in children]
        if keys is None:
            listed = ", ".join(parts)
            if hasattr(cls, "_fields"):
                lines.append(f"{name} = {names(cls)}({listed})")
            else:
                lines.append(f"{name} = {names(cls)}([{listed}])")
            return name
        texts = [repr(key) if type(key) is str else names(key) for key in keys]
        if issubclass(cls, dict):
            pairs = ", ".join(f"{k}: {part}" for k, part in zip(texts, parts, strict=True))
            lines.append(f"{name} = {names(cls)}({{{pairs}}})")
        else:
            lines.append(f"{name} = object.__new__({names(cls)})")
            lines += [f"{name}.__dict__[{k}] = {p}" for k, p in zip(texts, parts, strict=True)]
        return name


_WITHHELD = Withheld(
    "this gradient was not formed: capture(..., fast=True) adds what only an update reads straight "
    "into the parameter; capture(..., fast=True, keep_grads=True) forms it"
)
