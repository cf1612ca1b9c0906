"""What each function of NumPy's namespaces does to tensors: makes ``docs/supported.md``.

In the root of the repository: ``python -m tests.autograd_lite.support_table > docs/supported.md``
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Primitive
from autograd_lite.numpy_protocols import dispatch, unsupported
from autograd_lite.testing import Spec

from . import specs

NAMESPACES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}

DIFFERENTIABLE = "Differentiable"
CONSTANT = "Without a derivative, and working"
REFUSED = "Refused"
NOT_FOR_TENSORS = "Not for tensors"
MISSING = "Missing"

HEADINGS = {
    DIFFERENTIABLE: (
        "Recorded, with gradients of any order unless the table says otherwise. The tests compare "
        "with finite differences up to the order given, on random shapes, layouts and arguments. "
        "*Real* means float64 and float32, *complex* also complex128 and complex64.",
        ("function", "checked to order", "numbers"),
    ),
    CONSTANT: (
        "Their results are indices, truth values or counts, or are constant between jumps. They "
        "are tensors that require no gradient, or NumPy's own results.",
        ("functions",),
    ),
    REFUSED: (
        "They can't be differentiated by their nature. The error says what to do instead.",
        ("functions", "why"),
    ),
    NOT_FOR_TENSORS: (
        "NumPy doesn't let other libraries answer for these. Their results are NumPy's own.",
        ("functions", "what they are"),
    ),
    MISSING: (
        "No rule yet. The error shows the lines that add one.",
        ("functions", "why"),
    ),
}

# by what they are: functions that NumPy doesn't dispatch, so that no tensor reaches them
UNDISPATCHED = {
    "make arrays; `autograd_lite` has those of the array API standard, which make tensors": """
        np.arange np.array np.asanyarray np.asarray np.asarray_chkfinite np.ascontiguousarray
        np.asfortranarray np.bartlett np.blackman np.empty np.eye np.frombuffer np.from_dlpack
        np.fromfunction np.fromiter np.fromstring np.full np.hamming np.hanning np.identity
        np.indices np.kaiser np.ones np.require np.tri np.zeros np.fft.fftfreq np.fft.rfftfreq
        """,
    "make indices": "np.diag_indices np.mask_indices np.tril_indices np.triu_indices",
    "make matrices, whose operators mean something else": "np.asmatrix np.bmat",
    "read files": "np.fromfile np.fromregex np.genfromtxt np.load np.loadtxt",
    "inspect shapes, dtypes and kinds": """
        np.broadcast_shapes np.datetime_data np.isdtype np.isfortran np.isscalar np.issubdtype
        np.iterable np.mintypecode np.promote_types np.typename
        """,
    "print and format": """
        np.base_repr np.binary_repr np.format_float_positional np.format_float_scientific
        np.get_printoptions np.printoptions np.set_printoptions
        """,
    "change settings, or describe the installation": """
        np.get_include np.getbufsize np.geterr np.geterrcall np.info np.setbufsize np.seterr
        np.seterrcall np.show_config np.show_runtime np.test
        """,
    "make ufuncs and iterators": "np.frompyfunc np.nested_iters",
    "an old name of `np.vstack`, which NumPy itself warns of": "np.row_stack",
}

# by why: what NumPy hands to tensors, and nobody answers
UNANSWERED: dict[str, str] = {
    "old names of `np.isin` and `np.trapezoid`, which later NumPys don't have": "np.in1d np.trapz",
}


class Entry(NamedTuple):
    """What a function does to tensors: the section it stands in, and what is said there."""

    section: str
    details: tuple[str, ...]


def named_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every function of the namespaces with its name; classes are left out."""
    for prefix, namespace in NAMESPACES.items():
        for name in sorted(namespace.__all__):
            function = getattr(namespace, name)
            if callable(function) and not isinstance(function, type):
                yield f"{prefix}.{name}", function


def proofs(function: Any, registered: list[Spec]) -> list[Spec]:
    """Return the registrations that prove what a NumPy function does to tensors."""
    if function in dispatch.UFUNCS:
        ours: Any = dispatch.UFUNCS[function]
    else:
        ours = dispatch.FUNCTIONS[function].function
    module = getattr(function, "__module__", None) or "numpy"
    inner = module.removeprefix("numpy").lstrip(".")
    full = f"{inner}.{function.__name__}" if inner else function.__name__
    return [
        spec
        for spec in registered
        if spec.op is function or spec.op is ours or spec.name in {full, function.__name__}
    ]


def differentiable(function: Any, registered: list[Spec]) -> Entry:
    found = proofs(function, registered)
    order = max((spec.order for spec in found), default=0)
    first_only = any(isinstance(s.op, Primitive) and s.op.first_order_only for s in found)
    numbers = "real, complex" if any(spec.complex for spec in found) else "real"
    return Entry(
        DIFFERENTIABLE, (f"{order}, and no further" if first_only else str(order), numbers)
    )


def entries() -> dict[str, Entry | None]:
    """Return what every function does to tensors, by name; None for what nobody has classified."""
    registered = specs.registered()
    listed = {
        name: Entry(section, (why,))
        for section, groups in ((NOT_FOR_TENSORS, UNDISPATCHED), (MISSING, UNANSWERED))
        for why, names in groups.items()
        for name in names.split()
    }
    found: dict[str, Entry | None] = {}
    for name, function in named_functions():
        if function in dispatch.UFUNCS or function in dispatch.FUNCTIONS:
            found[name] = differentiable(function, registered)
        elif function in dispatch.CONSTANT_UFUNCS or function in dispatch.CONSTANT_FUNCTIONS:
            found[name] = Entry(CONSTANT, ())
        elif function in unsupported.REFUSED:
            found[name] = Entry(REFUSED, (unsupported.REFUSED[function],))
        else:
            found[name] = listed.get(name)
    return found


def rows(section: str, known: dict[str, Entry | None]) -> dict[tuple[str, ...], list[str]]:
    """Return the names of a section by what is said of them; differentiable ones by function."""
    functions = dict(named_functions())
    grouped: dict[tuple[str, ...], list[str]] = {}
    keys: dict[Any, tuple[str, ...]] = {}
    for name, entry in known.items():
        if entry is None or entry.section != section:
            continue
        if section == DIFFERENTIABLE:  # aliases share a row
            key = keys.setdefault(functions[name], (name, *entry.details))
        else:
            key = entry.details
        grouped.setdefault(key, []).append(name)
    return grouped


def page(known: dict[str, Entry | None]) -> str:
    """Return the page, in Markdown."""
    counts = {
        section: sum(entry is not None and entry.section == section for entry in known.values())
        for section in HEADINGS
    }
    lines = [
        "# What NumPy's functions do to tensors",
        "",
        "Call a NumPy function with tensors as you do with arrays: `np.exp(tensor)`. This page has",
        "all functions of the namespaces `numpy`, `numpy.linalg` and `numpy.fft`. The command",
        "`python -m tests.autograd_lite.support_table > docs/supported.md` makes it from what is",
        "registered. A test fails if it is out of date or leaves a function out.",
        "",
        "| | functions |",
        "|---|---|",
        *(f"| {link_to(section) if n else section} | {n} |" for section, n in counts.items()),
    ]
    for section, (text, columns) in HEADINGS.items():
        grouped = rows(section, known)
        if not grouped:
            continue
        lines += ["", f"## {section}", "", text, "", f"| {' | '.join(columns)} |"]
        lines.append("|---" * len(columns) + "|")
        for key, names in grouped.items():
            details = key[1:] if section == DIFFERENTIABLE else key
            cells = (", ".join(f"`{name}`" for name in names), *details)
            lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "## Methods of ufuncs",
        "",
        "Every binary ufunc has `outer`. The other methods are these functions:",
        "",
    ]
    lines += ["| method | function |", "|---|---|"]
    for (ufunc, method), function in sorted(
        dispatch.UFUNC_METHODS.items(), key=lambda item: (item[0][0].__name__, item[0][1])
    ):
        lines.append(f"| `np.{ufunc.__name__}.{method}` | `{function_name(function)}` |")
    lines += ["", "Next: [The array API standard](array_api.md)"]
    return "\n".join(lines) + "\n"


def link_to(section: str) -> str:
    return f"[{section}](#{section.lower().replace(',', '').replace(' ', '-')})"


def function_name(function: Any) -> str:
    """Return how users write a function of NumPy, or of ours."""
    module = str(function.__module__)
    if module.startswith("autograd_lite"):
        return f"autograd_lite.{function.__name__}"
    return unsupported.name_of(function)


if __name__ == "__main__":
    print(page(entries()), end="")
