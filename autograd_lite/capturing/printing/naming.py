"""What the values of a program are called in its source: as in the model, where it has a name."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any, final

import numpy as np

from autograd_lite.capturing.observing.outcome import Description, values_of
from autograd_lite.capturing.observing.reaching import Place
from autograd_lite.capturing.optimization.fewer_calls import Step
from autograd_lite.capturing.printing import spelling
from autograd_lite.capturing.program.calls import Attribute, Call, Input, Value
from autograd_lite.tensor import Tensor

_PRODUCTS = (np.matmul, np.multiply)
"""What makes the gradient of a weight; of a single example it is an outer product."""


@final
class Parameter:
    """A parameter of the printed function.

    Attributes
    ----------
    name : str
    value : Value or None
        None if the program doesn't use it.
    like : Any
        An array of its shape and dtype; a generator; or the value.
    """

    __slots__ = ("like", "name", "value")

    def __init__(self, name: str, value: Value | None, like: Any) -> None:
        self.name = name
        self.value = value
        self.like = like


@final
class Naming:
    """The names of a program's values.

    Attributes
    ----------
    function : str
    given, reached : list of Parameter
        The arrays among the arguments, in the user's order, and those that the function finds.
    plain : list of (str, str)
        The other arguments: their names, and what they were.
    settings : dict
        Numbers that stand in attributes, by their names.
    special : dict
        Values that are known by name before they are written down.
    """

    def __init__(self, program: Any, steps: list[Step], inputs: list[Value]) -> None:
        recorded = program.recorded
        self._names = _names_in(recorded.modules)
        self._taken: set[str] = set()
        name = getattr(program.function, "__name__", "<lambda>")
        self.function = self.fresh("function" if name == "<lambda>" else name)
        self.given: list[Parameter] = []
        self.plain: list[tuple[str, str]] = []
        self.reached: list[Parameter] = []
        self.special: dict[Value, str] = {}
        self.settings: dict[str, float] = {}
        self._keys: dict[Any, str] = {}
        used = self._used(steps, recorded)
        self._arguments(program, inputs, used)
        self._reach([v for v in inputs if v in used and _argument_of(v) is None])
        self._find_settings(recorded.terms, steps)
        self._gradients(recorded.effects)
        self._layers(steps, recorded.effects)
        self._loss(recorded.result, steps)

    def fresh(self, base: str) -> str:
        """Return a name that nothing has yet."""
        name = base = spelling.identifier(base)
        count = 2
        while name in self._taken:
            name = f"{base}_{count}"
            count += 1
        self._taken.add(name)
        return name

    def numbered(self, letter: str, start: int = 0) -> str:
        """Return the next of the names ``v1``, ``v2``..."""
        while f"{letter}{start}" in self._taken:
            start += 1
        return self.fresh(f"{letter}{start}")

    def of_place(self, place: Place, tensor: Any = None) -> str:
        """Return the name of what is at a place: of the array there, if it is one."""
        if place.kind == "slot" and place.key == "array" and place.parent is not None:
            place, tensor = place.parent, place.holder
        if place.identity in self._keys:
            return self._keys[place.identity]
        if place.kind == "slot" and place.key == "_grad" and place.parent is not None:
            return spelling.identifier(f"{self.of_place(place.parent, place.holder)}_grad")
        known = self._names.get(id(tensor)) if tensor is not None else None
        alone = known is not None and [*self._names.values()].count(known) == 1
        return spelling.identifier(known if known is not None and alone else place.name)

    def argument(self, path: Any) -> str | None:
        """Return the name of the array at a path among the arguments, if there is one."""
        return self._keys.get(("argument", path))

    def tensor(self, x: Any) -> str | None:
        """Return the name of the array of a tensor that was there before, if it is a parameter."""
        for parameter in self.reached:
            if parameter.value is not None and parameter.value.source.place.holder is x:
                return parameter.name
        return None

    # ------------------------------------------------------------------ what it is given

    def _arguments(self, program: Any, inputs: list[Value], used: set[Value]) -> None:
        found = {}
        for value in inputs:
            place = _argument_of(value)
            if place is not None and value in used:
                found[place.key] = value
        names = _parameters_of(program.function)
        for path, kind, x in program.arguments.leaves:
            base = _base(path, names)
            if kind in ("array", "scalar", "tensor"):
                like = x.array if type(x) is Tensor else x
                parameter = Parameter(self.fresh(base), found.get(path), like)
                if parameter.value is not None:
                    self.special[parameter.value] = parameter.name
                self._keys["argument", path] = parameter.name
                self.given.append(parameter)
            elif path in found:  # a random generator
                self.given.append(Parameter(self.fresh(base), found[path], x))
                self.special[found[path]] = self.given[-1].name
            else:
                said = repr(x) if kind == "plain" else f"an object, {type(x).__name__}"
                self.plain.append((spelling.identifier(base), said))

    def _used(self, steps: list[Step], recorded: Any) -> set[Value]:
        used: set[Value] = set()
        for step in steps:
            used.update((*step.operands, *step.writes) if isinstance(step, Call) else [step.value])
        for described in (recorded.result, *(effect.description for effect in recorded.effects)):
            used.update(values_of(described))
        returned = {*_objects_in(recorded.result)}
        used.update(v for v in recorded.trace.inputs if id(v.source.place.holder) in returned)
        return used

    def _reach(self, values: Iterable[Value]) -> None:
        # parameters first, then the optimizer's arrays and what else there is
        for value in sorted(values, key=lambda v: type(v.source.place.holder) is not Tensor):
            place = value.source.place
            name = self.fresh(self.of_place(place))
            owner = place.parent if place.kind == "slot" and place.key == "array" else place
            if owner is not None:
                self._keys[owner.identity] = name
            self.special[value] = name
            self.reached.append(Parameter(name, value, value.source.array))

    # ------------------------------------------------------------------ numbers with names

    def _find_settings(self, terms: Any, steps: list[Step]) -> None:
        """Find numbers that are attributes' own: the same objects."""
        keys: dict[int, set[str]] = {}
        for term in terms:
            if term.kind in ("attribute", "cell", "global") and type(term.value) is float:
                name = term.key if type(term.key) is str and term.key else term.what
                keys.setdefault(id(term.value), set()).add(name)
        for step in steps:
            for x in step.args if isinstance(step, Call) else ():
                if type(x) is float and np.isfinite(x) and len(keys.get(id(x), ())) == 1:
                    (key,) = keys[id(x)]
                    if id(x) not in self._keys:
                        self._keys[id(x)] = self.fresh(key)
                        self.settings[self._keys[id(x)]] = x

    def setting(self, x: Any) -> str | None:
        """Return the name of a number, if it has one."""
        name = self._keys.get(id(x)) if type(x) is float else None
        return name if name in self.settings else None

    # ------------------------------------------------------------------ backpropagation

    def _gradients(self, effects: Any) -> None:
        for effect in effects:
            if effect.kind == "grad":
                for value in values_of(effect.description)[:1]:
                    if not isinstance(value.source, Input) and value not in self.special:
                        name = self.of_place(effect.target, effect.tensor)
                        self.special[value] = self.fresh(f"{name}_grad")

    def _layers(self, steps: list[Step], effects: Any) -> None:
        """Name what the textbooks name: z and a of each layer, and its delta."""
        products = [
            s for s in steps if isinstance(s, Call) and s.function is np.matmul and s.results
        ]
        layer: dict[Any, str] = {}
        for call in (call for call in products if call.phase == "forward"):
            a, w = call.args[0], call.args[1]
            if not (_is_parameter(w) and isinstance(a, Value)) or call.results[0] in self.special:
                continue
            number = len({*layer.values()})
            layer[w.root] = str(number)
            if a.root not in self.special and not isinstance(a.source, Input) and not a.is_view:
                self.special[a] = self.fresh(f"a{max(number - 1, 0)}")
            self.special[call.results[0]] = self.fresh(f"z{number}")
        arrays = {id(p.value.source.place.holder): p.value for p in self.reached if p.value}
        for effect in effects:
            for g in values_of(effect.description) if effect.kind == "grad" else ():
                made, weight = g.source, arrays.get(id(effect.tensor))
                if weight not in layer or getattr(made, "function", None) not in _PRODUCTS:
                    continue
                for x in made.args:
                    backward = isinstance(x, Value) and getattr(x.source, "phase", "") == "backward"
                    if backward and not x.is_view and x not in self.special:
                        self.special[x] = self.fresh(f"delta{layer[weight]}")

    def _loss(self, result: Description, steps: list[Step]) -> None:
        trains = any(isinstance(step, Call) and step.phase == "backward" for step in steps)
        for value in values_of(result)[:1]:
            if value not in self.special and trains and value.shape == ():
                self.special[value] = self.fresh("loss")


def is_transpose(call: Call) -> bool:
    """Return True for the transpose of a matrix."""
    return call.function in (Attribute("T"), Attribute("mT")) and len(call.results[0].shape) == 2


def _argument_of(value: Value) -> Place | None:
    """Return the place among the arguments of an array, or of the tensor that has it."""
    place: Any = value.source.place
    if place.kind == "slot" and place.key == "array" and place.parent is not None:
        place = place.parent
    return place if place.kind == "argument" else None


def _is_parameter(x: Any) -> bool:
    """Return True for the array of a tensor that the function has found."""
    return isinstance(x, Value) and isinstance(x.source, Input) and _argument_of(x) is None


def _objects_in(described: Description) -> Iterator[int]:
    if described[0] == "object":
        yield id(described[1])
    for child in described[4] if described[0] == "items" else ():
        yield from _objects_in(child)


def _parameters_of(function: Any) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _base(path: tuple[Any, ...], names: list[str]) -> str:
    """Return a name for an argument: that of the parameter, and the path from there."""
    kind, key, *rest = path
    if kind == "args":
        key = names[key] if key < len(names) else f"args_{key}"
    steps = [step[1] if type(step) is tuple and step[:1] == (".",) else step for step in rest]
    return "_".join(map(str, [key, *steps]))


def _names_in(modules: list[tuple[Any, Place]]) -> dict[int, str]:
    """Return names of tensors, by id: as the outermost module that has them calls them."""
    names: dict[int, str] = {}
    for module, _ in modules:
        try:
            found = list(module.named_tensors())
        except Exception:  # the names are for reading only
            continue
        for name, tensor in found:
            names.setdefault(id(tensor), name)
    return names
