"""What programs are made of: a line for each statement, with blanks that ``drawing`` fills in.

An expression becomes ``t3 = expression``. A blank is the name of a kind, of what it is given after
a colon: ``{x}`` is a variable, ``{axis:x}`` one of its axes. Two blanks of one name are the same.
The kinds are the functions of ``drawing.BLANKS``.
"""

ELEMENTWISE = """
    -{x}
    +{f}
    abs({x})
    np.sin({x})
    np.exp(np.sin({x}))
    np.tanh({x})
    np.sqrt(np.abs({r}) + 0.5)
    np.log(np.abs({r}) + 0.5)
    np.log1p({r} ** 2)
    np.arctan({r})
    np.arcsinh({r})
    np.expm1(np.cos({r}))
    np.square({x})
    np.reciprocal({f} + 5)
    np.sign({r})
    np.cbrt(np.abs({r}) + 0.2)
    np.sinc({r})
    np.i0(np.sin({r}))
    np.floor({r})
    np.round({f}, 1)
    {f}.round(2)
    np.rint({r})
    np.trunc({r})
    np.clip({r}, -0.7, 1.1)
    {r}.clip(max=0.9)
    {r}.clip(-1.0)
    np.clip({r}, {y:r}, None)
    np.nan_to_num({x})
    np.nan_to_num({f1}.copy(), copy=False)
    np.conj({x})
    {x}.conj()
    np.real({x})
    {x}.real
    {x}.imag
    np.imag({x})
    np.angle({x})
    np.angle({f}, deg=True)
    np.isfinite({x})
    np.signbit({r})
    np.modf({r})
    np.frexp({r})
    np.logical_not({x})
    np.positive({f})
    np.degrees({r})
    np.unwrap({r1})
    np.real_if_close({x})
    np.spacing({r})
    np.fabs({r})
    np.exp2({r})
    np.deg2rad({r})
"""

OPERATORS = """
    {x} + {y:x}
    {x} - {y:x}
    {x} * {y:x}
    {f} / ({y:f} * {y:f} + 1)
    {y:x} + {x}
    {y:x} - {x}
    {y:x} * {x}
    1 / (2 + {r} ** 2)
    2 ** {r}
    {f} ** 2
    {f} ** 3
    {n} ** {small}
    (np.abs({r}) + 0.5) ** {y:r}
    (np.abs({r}) + 0.5) ** -0.5
    {f1} @ {transposed:f1}
    {r} % 0.7
    {r} // 0.7
    divmod({r}, 0.7)
    {i} // 2
    {i} % 3
    {i} & 1
    {i} | 2
    {i} << 1
    ~{i}
    ~{m}
    {m} & {m2:m}
    {m} ^ True
    {x} == {y:x}
    {r} < {y:r}
    {r} >= 0
    {x} != {x}
    ({r} > 0) * {r}
    {m} + {m}
    {m} * {y:m}
    {i} / 3
    {i} * 0.5
    {i} + True
    {f} * np.float32(1.5)
    {f} + np.float64(0.25)
    {f} * np.int8(2)
    {f} + 1j
    {f1} * [0.5]
    np.float64(2.0) - {x}
    np.arange(3.0) * {last3}
"""

UFUNCS = """
    np.add({x}, {y:x})
    np.subtract({f}, {y:f})
    np.multiply({x}, {y:x})
    np.divide({f}, {y:f} * {y:f} + 2)
    np.maximum({r}, {y:r})
    np.minimum({y:r}, {r})
    np.fmax({r}, {y:r})
    np.hypot({r}, {y:r})
    np.arctan2({r}, {y:r})
    np.logaddexp({r}, {y:r})
    np.copysign({r}, {y:r})
    np.fmod({r}, 0.7)
    np.remainder({r}, {y:r} * {y:r} + 1)
    np.float_power(np.abs({r}) + 1, {y:r})
    np.heaviside({r}, 0.5)
    np.power({f}, 2)
    np.ldexp({r}, 2)
    np.add.outer({x}, {f})
    np.multiply.outer({f}, {x})
    np.add.reduce({x}, axis={axis:x})
    np.multiply.reduce({f}, axis={ax:f})
    np.maximum.reduce({r}, axis={axis:r}, keepdims=True)
    np.add.accumulate({x1}, axis={ax:x1})
    np.multiply.accumulate({x1})
    np.logaddexp.reduce({r}, axis={axis:r})
    np.logical_and({x}, {y:x})
    np.equal({x}, {y:x})
    np.greater({r}, {y:r})
    np.floor_divide({r}, 0.3)
    np.vecdot({f}, {f})
    np.isclose({f}, {y:f})
"""

REDUCTIONS = """
    np.sum({x}, axis={axis:x})
    np.sum({x}, {axis:x}, keepdims={flag})
    np.sum({x}, axis={axis:x}, dtype={dtype})
    np.sum({f}, axis={axis:f}, initial=0.5, where={mask:f})
    np.sum({f}, where={mask:f})
    {x}.sum()
    {x}.sum({axis:x})
    {x}.sum({axis:x}, {dtype})
    {x}.sum(axis={axis:x}, dtype={dtype}, keepdims=True)
    {f}.sum(initial={y0:f})
    {f}.sum({axis:f}, where={mask:f})
    np.mean({x}, axis={axis:x})
    np.mean({x}, axis={axis:x}, keepdims={flag})
    np.mean({f}, axis={axis:f}, where={mask:f})
    {x}.mean({axis:x})
    {x}.mean(axis={axis:x}, dtype={dtype})
    np.prod({f}, axis={axis:f})
    np.prod({x}, axis={axis:x}, keepdims={flag})
    {f}.prod({axis:f}, keepdims=True)
    np.prod({f}, axis={axis:f}, initial=2.0)
    np.max({r}, axis={axis:r})
    np.min({r}, axis={axis:r}, keepdims={flag})
    np.max({r}, axis={axis:r}, initial=0.3)
    np.max({r}, axis={axis:r}, initial=-9.0, where={mask:r})
    {r}.max({axis:r})
    {r}.min(axis={axis:r}, keepdims=True)
    np.amax({r})
    np.ptp({r}, axis={axis:r})
    np.var({x}, axis={axis:x})
    np.var({f}, axis={axis:f}, ddof={flag})
    np.var({f}, axis={axis:f}, keepdims=True, mean=np.mean({f}, axis={axis:f}, keepdims=True))
    {f}.var({axis:f}, ddof=0.5)
    np.std({f}, axis={axis:f}, keepdims={flag})
    {f}.std({axis:f}, keepdims=True)
    np.median({r}, axis={axis:r})
    np.median({r}, axis={axis:r}, keepdims={flag})
    np.quantile({full}, 0.3, axis={axis:full})
    np.quantile({full}, [0.25, 0.6], axis={axis:full})
    np.percentile({full}, 40, axis={axis:full}, keepdims={flag})
    np.quantile({full}, 0.4, axis={axis:full}, method="lower")
    np.average({full}, axis={axis:full})
    np.average({full}, axis={axis:full}, weights={full} * {full} + 1)
    np.nansum({x}, axis={axis:x})
    np.nanmean({f}, axis={axis:f})
    np.nanmax({r}, axis={axis:r})
    np.nanvar({f}, axis={axis:f}, ddof={flag})
    np.cumsum({x}, axis={axis1:x})
    {x}.cumsum({axis1:x})
    {x}.cumsum(dtype={dtype})
    np.cumprod({f}, axis={axis1:f})
    np.cumulative_sum({f1}, axis={ax:f1}, include_initial=True)
    np.nancumsum({f}, axis={axis1:f})
    np.diff({x1}, axis={ax:x1})
    np.diff({f1}, n=2)
    np.diff({f1}, prepend=0.5)
    np.ediff1d({x})
    np.gradient({wide})
    np.trapezoid({f1}, axis={ax:f1})
    np.count_nonzero({x}, axis={axis:x})
    np.all({x}, axis={axis:x})
    {x}.any({axis:x}, keepdims={flag})
    {x}.all(where={mask:x})
    np.argmax({r}, axis={axis1:r})
    {r}.argmin({axis1:r}, keepdims={flag})
    np.linalg.norm({f})
    np.linalg.norm({f1}, axis={ax:f1})
    np.linalg.norm({f1}, 1, {ax:f1})
    np.linalg.norm({f2}, "fro", axis=(0, 1))
    {x2}.trace()
    np.trace({x2}, offset=1)
    {x2}.trace(dtype={dtype})
    np.cov({wide})
    np.corrcoef({wide})
"""

SHAPES = """
    {x}.reshape({shape:x})
    {x}.reshape({shape:x}, order={order})
    np.reshape({x}, {shape:x})
    {x}.reshape(-1)
    {x}.ravel()
    {x}.ravel({order})
    {x}.flatten()
    {x}.flatten({order})
    {x}.T
    {x2}.mT
    {x}.transpose({perm:x})
    np.transpose({x}, {perm:x})
    {x1}.swapaxes({ax:x1}, 0)
    np.swapaxes({x1}, {ax:x1}, -1)
    np.moveaxis({x1}, {ax:x1}, 0)
    np.rollaxis({x1}, {ax:x1})
    np.expand_dims({x}, 0)
    np.expand_dims({x}, (0, -1))
    {x}.squeeze()
    np.squeeze({x}[None], 0)
    np.atleast_1d({x})
    np.atleast_2d({x})
    np.atleast_3d({x})
    np.broadcast_to({x}, (2, *{x}.shape))
    np.broadcast_arrays({x}, {y:x})[0]
    {x}.copy()
    {x}.copy({order})
    np.copy({x})
    {x}.astype({dtype})
    {x}.astype({dtype}, copy=False)
    {x}.astype({dtype}, {order})
    np.astype({x}, {dtype}, copy={flag})
    {x}.view()
    {x}.flat[{flatindex:x}]
    {x}.flat[1:3]
    {x}.flat.copy()
    {x}[...]
    {x}[()]
    {x}[None]
    {x}[..., None]
    {x1}[::-1]
    {x1}[1:]
    {x1}[..., ::2]
    {x}.item({flatindex:x})
    {x}.tolist()
    len({x1})
    {x}.size, {x}.ndim, {x}.shape, {x}.nbytes
"""

JOINING = """
    np.concatenate([{x1}, {x1}], axis={ax:x1})
    np.concatenate([{x1}, {same:x1}])
    np.concatenate([{x}, {same:x}], axis=None)
    np.concatenate([{x1}, {same:x1}], dtype={dtype}, casting="unsafe")
    np.concatenate([{x1}])
    np.stack([{x}, {same:x}])
    np.stack([{x}, {same:x}, {x}], axis=-1)
    np.stack([{s}, {s} * 2])
    np.vstack([{x}, {same:x}])
    np.hstack([{x}, {same:x}])
    np.dstack([{x}, {same:x}])
    np.column_stack([{x}, {same:x}])
    np.append({x}, {same:x})
    np.append({x1}, {same:x1}, axis=0)
    np.block([{x}, {same:x}])
    np.block([[{x2}, {same:x2}], [{x2}, {same:x2}]])
    np.split({x1}, 1)
    np.array_split({x1}, 2)
    np.array_split({x1}, 2, axis={ax:x1})
    np.split({x1}, [1], axis={ax:x1})
    np.unstack({x1}, axis={ax:x1})
    np.tile({x}, 1)
    np.tile({x}, 2)
    np.tile({x}, (2, 1))
    np.repeat({x}, 2)
    np.repeat({x1}, 2, axis={ax:x1})
    {x}.repeat(1)
    np.resize({x}, (2, 2))
    np.pad({x}, 1)
    np.pad({x}, 0)
    np.pad({x1}, (1, 0), mode="edge")
    np.pad({f}, 1, constant_values=0.5)
    np.roll({x}, 1)
    np.roll({x1}, 1, axis={ax:x1})
    np.flip({x})
    np.flip({x1}, {ax:x1})
    np.fliplr({x2})
    np.rot90({x2})
    np.insert({x1}, 0, 1, axis={ax:x1})
    np.insert({x}, 0, {number})
    np.delete({x}, [])
    np.delete({x1}, slice(0, 1), axis={ax:x1})
    np.meshgrid({x}, {f})
    np.diag({x12})
    np.diagflat({x})
    np.diagonal({x2})
    {x2}.diagonal(1)
    np.tril({x2})
    np.triu({x2}, 1)
    np.kron({x}, {f})
    np.trim_zeros({r}.ravel())
    np.vander({v})
"""

INDEXING = """
    {x}[{index:x}]
    {x}[{index:x}]
    {x}[{index:x}]
    {x1}[{ints:x1}]
    {x1}[np.argsort({x1}, axis=0, kind="stable").ravel()[:1]]
    {x1}[np.argmax({r}) % len({x1}) :]
    {x}[{mask:x}]
    {x}[{x} != 0]
    {x}[True]
    np.take({x}, [0, -1])
    np.take({x}, 0)
    {some}.take([0], axis={ax:some})
    np.take({x1}, np.argmax({r}), mode="wrap")
    {x}.take([[1, 5]], mode="clip")
    np.take_along_axis({x1}, np.argsort({x1}, axis={ax:x1}, kind="stable"), axis={ax:x1})
    np.compress([True], {x})
    {some}.compress([True], axis={ax:some})
    np.extract({mask:x}, {x})
    np.where({mask:x}, {x}, {y:x})
    np.where({r} > 0, {r}, 0)
    np.where({r} > 0, np.sqrt(np.abs({r})), {y:r})
    np.where({x})
    {x}.nonzero()
    np.select([{mask:x}, {x} != 0], [{x}, {y:x}], 0.5)
    np.choose({mask:x}.astype(int), [{x}, {y:x}])
    np.sort({x}, axis={axis1:x})
    np.sort({x1}, kind="stable")
    np.argsort({r}, axis={axis1:r}, kind="stable")
    {r1}.argsort(stable=True)
    np.partition({r1}, 0)[..., 0]
    np.argpartition({r}, 0, axis=None)
    np.sort_complex({x1})
    np.lexsort(({v},))
    np.searchsorted(np.sort({v}), {y0:v})
    np.unique({x})
    np.unique({x}, return_counts=True)
    np.unique({x}, return_index=True, return_inverse=True)
    np.nanargmax({r}, axis={axis1:r})
    np.flatnonzero({x})
    np.argwhere({x})
    np.digitize({r}, [-1.0, 0.0, 1.0])
    np.interp({r}, [-1.0, 0.0, 1.0], [0.3, -0.2, 0.9])
    np.bincount(np.abs({i}.ravel()))
    np.bincount(np.abs({i}.ravel()), weights={i}.ravel() * 0.5)
    np.piecewise({f}, [{mask:f}], [1.5, lambda t: t * 2])
    np.eye(3)[np.abs({i}) % 3]
    np.arange(12.0)[np.abs({i})[..., None]]
    list(range(9))[np.argmax({r})]
    np.arange(5.0)[: np.argmax({r})]
    np.isin({x}, [0, 1])
    np.histogram({r}, bins=3, range=(-2, 2))[0]
    np.round({f}, 1)[..., 0:1]
"""

ALGEBRA = """
    np.dot({f1}, {transposed:f1})
    {f1}.dot({transposed:f1})
    np.matmul({f2}, {transposed:f2})
    np.inner({f}, {f})
    np.outer({x}, {f})
    np.tensordot({f1}, {transposed:f1}, axes=1)
    np.tensordot({f1}, {f1}, axes=([{ax:f1}], [{ax:f1}]))
    np.vdot({f}, {f})
    np.einsum("...i,...i->...", {f1}, {f1})
    np.einsum("...ij->...ji", {x2})
    np.einsum("...i->i", {f1})
    np.einsum("...ij,...kj->...ik", {f2}, {f2})
    np.linalg.inv({square:f2})
    np.linalg.det({square:f2})
    np.linalg.slogdet({square:m2d})[1]
    np.linalg.solve({square:f2}, {f2})
    np.linalg.cholesky({square:f2})
    np.linalg.eigvalsh({square:m2d})
    np.linalg.matrix_power({square:f2} / 9, {small})
    np.linalg.multi_dot([{m2d}, {m2d}.T, {m2d}])
    np.linalg.pinv({square:f2})
    np.linalg.svd({square:m2d}, compute_uv=False)
    np.linalg.qr({square:r2})
    np.linalg.matrix_norm({f2})
    np.linalg.vector_norm({f}, axis={axis:f})
    np.matrix_transpose({x2})
    np.cross({last3}, np.array([1.0, -2.0, 0.5]))
    np.convolve({v}, [1.0, 0.5])
    np.correlate({v}, [1.0, 0.5, 2.0])
    np.polyval({v}, 0.7)
    np.polyval([1.0, -0.5], {f})
    np.poly({v})
    np.fft.fft({f1})
    np.fft.rfft({r1}, axis={ax:r1})
    np.fft.ifft({f1}, norm="ortho")
    np.fft.fftshift({x1}, {ax:x1})
    np.fft.irfft({v} * (1 + 0j), 4)
"""

WRITING = """
    {w}[{index:w}] = {number}
    {w}[{index:w}] = {f0}
    {w}[{index:w}] *= 2
    {w}[{index:w}] += {f0}
    {w}[{index:w}] -= 1
    {w}[{mask:w}] = {number}
    {w}[{mask:w}] *= 0.5
    {w}[{w} > 0] += 1
    {w}[...] = {y:w}
    {w}[::-1] = {w}
    {w}[1:] += {w}[:-1]
    {w}[0] = {w}[-1]
    {w} += {y:w}
    {w} -= {number}
    {w} *= {y:w}
    {w} *= {w}
    {w} /= 1.5
    {w} **= 2
    {w} %= 0.9
    {w} //= 0.4
    {w}.T[...] += 1
    {w}.flat[0] = 0.25
    {w}.flat = {number}
    {t} = {w}.copy(); {t}.ravel()[0] = 0.75
    {t} = {w}.copy(); {t}.reshape(-1)[:1] *= 3
    {w}.fill({number})
    {w}.sort()
    {w}.sort(0)
    {w}.partition(range({w}.shape[-1]))
    {w}.put([0], {number})
    {w}.real = {y:w}
    np.put({w}, [0, -1], [0.5, 1.5])
    np.place({w}, {mask:w}, [0.1, 0.2])
    np.putmask({w}, {mask:w}, {w} * 2)
    np.copyto({w}, {number})
    np.copyto({w}, 0.5, where={mask:w})
    np.put_along_axis({w}, np.argsort({w}, axis=0, kind="stable"), 0.3, axis=0)
    np.fill_diagonal({w2}, 0.5)
    np.nan_to_num({w}, copy=False)
    {k}[{mask:k}] = 3
    {k} += 1
    {k} *= 2
    {k} //= 2
    {k}[0] = 7
    {k}.sort()
    {b} |= True
    {b} ^= True
    {w}[0], {w}[-1] = {w}[-1] * 1, {w}[0] * 1
    {t} = {w}; {w} = {w} * 2
    {t} = {x}; {x} = {y:x}
    {t} = {w}[1:]; {t} *= 3
    {t} = {w}.T; {t} -= 0.5
    {t} = {w}.copy().reshape(-1); {t}[:1] = 2
    {t} = {w}; {t} += 1
"""

WITHOUT_AXES = """
    {s} += 1
    {s} *= {y0:s}
    {s} /= 2
    {t} = {s}; {s} -= 1
    {t} = {s}; {t} *= 3
    {t} = [{s}, {s} * 2]; {s} += 1
"""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


LINES = {
    "elementwise": _lines(ELEMENTWISE),
    "operators": _lines(OPERATORS),
    "ufuncs": _lines(UFUNCS),
    "reductions": _lines(REDUCTIONS),
    "shapes": _lines(SHAPES),
    "joining": _lines(JOINING),
    "indexing": _lines(INDEXING),
    "algebra": _lines(ALGEBRA),
    "writing": _lines(WRITING),
    "without axes": _lines(WITHOUT_AXES),
}
"""The lines by theme: each theme is as likely as the others."""

CHANGES = frozenset(LINES["writing"] + LINES["without axes"])
"""The lines that change something; the others are expressions."""
