"""Eight float32 numbers at a time, in one register, inside numba.

LLVM leaves loops over few channels scalar, or vectorises the wrong one of two
nested loops. Here the eight are one value: every operation below is one or
few instructions on any machine with vectors.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 8
_FLOAT, _INT = ir.FloatType(), ir.IntType(32)
_VECTOR, _INTEGERS = (ir.VectorType(t, LANES) for t in (_FLOAT, _INT))
_FUSED = ('contract',)  # a product and a sum may be rounded once

# Below, exp returns 0: products of such numbers would be denormal, and slow.
_LOWEST = -80.0
# ln 2 in two parts, the first of few bits: a small integer times it is exact.
_LOG2E, _LN2_HIGH, _LN2_LOW = 1.44269504, 0.693359375, -2.12194440e-4
_TAYLOR = (1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0)


class LanesType(types.Type):
    """Numba's type of eight float32 numbers."""

    def __init__(self) -> None:
        super().__init__(name='Lanes')


LANES_TYPE = LanesType()


@register_model(LanesType)
class LanesModel(models.PrimitiveModel):
    """How LLVM holds them."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _constant(value: float) -> ir.Constant:
    return ir.Constant(_VECTOR, [ir.Constant(_FLOAT, value)] * LANES)


def _broadcast(builder: Any, scalar: Any) -> Any:
    single = builder.insert_element(
        ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(_INT, 0)
    )
    mask = ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES)
    return builder.shuffle_vector(
        single, ir.Constant(_VECTOR, ir.Undefined), mask
    )


def _pointer(
    context: Any, builder: Any, kind: Any, array: Any, row: Any, column: Any
) -> Any:
    """Return where eight channels of a row of a C-ordered array begin."""
    parts = context.make_array(kind)(context, builder, array)
    width = cgutils.unpack_tuple(builder, parts.shape, 2)[1]
    place = builder.add(builder.mul(row, width), column)
    start = builder.gep(parts.data, [place])
    return builder.bitcast(start, _VECTOR.as_pointer())


def _call(builder: Any, name: str, result: Any, *args: Any) -> Any:
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(result, [arg.type for arg in args]),
        name,
    )
    return builder.call(function, args)


@intrinsic
def zeros(context):
    """Return eight zeros."""

    def generate(context, builder, signature, args):
        return _constant(0.0)

    return LANES_TYPE(), generate


@intrinsic
def load(context, array, row, column):
    """Return eight channels of a row of a float32 array."""

    def generate(context, builder, signature, args):
        place = _pointer(context, builder, signature.args[0], *args)
        return builder.load(place, align=4)

    return LANES_TYPE(array, types.int64, types.int64), generate


@intrinsic
def store(context, array, row, column, lanes):
    """Write eight channels of a row of a float32 array."""

    def generate(context, builder, signature, args):
        place = _pointer(context, builder, signature.args[0], *args[:3])
        builder.store(args[3], place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64, lanes), generate


@intrinsic
def add(context, left, right):
    """Return the sum."""

    def generate(context, builder, signature, args):
        return builder.fadd(*args, flags=_FUSED)

    return LANES_TYPE(LANES_TYPE, LANES_TYPE), generate


@intrinsic
def scale(context, factor, lanes):
    """Return a float32 number times the lanes."""

    def generate(context, builder, signature, args):
        factors = _broadcast(builder, args[0])
        return builder.fmul(factors, args[1], flags=_FUSED)

    return LANES_TYPE(types.float32, LANES_TYPE), generate


@intrinsic
def maximum(context, left, right):
    """Return the larger number, lane by lane."""

    def generate(context, builder, signature, args):
        larger = builder.fcmp_ordered('>', *args)
        return builder.select(larger, *args)

    return LANES_TYPE(LANES_TYPE, LANES_TYPE), generate


def _folded(combine: Callable[..., Any]) -> Callable[..., Any]:
    """Return what combines all lanes to one number, by halves."""

    def generate(context, builder, signature, args):
        lanes, width = args[0], LANES
        while width > 1:
            width //= 2
            mask = ir.Constant(
                ir.VectorType(_INT, LANES),
                [(i + width) % LANES for i in range(LANES)],
            )
            lanes = combine(
                builder, lanes, builder.shuffle_vector(lanes, lanes, mask)
            )
        return builder.extract_element(lanes, ir.Constant(_INT, 0))

    return generate


@intrinsic
def highest(context, lanes):
    """Return the largest of the eight numbers."""

    def combine(builder, left, right):
        larger = builder.fcmp_ordered('>', left, right)
        return builder.select(larger, left, right)

    return types.float32(LANES_TYPE), _folded(combine)


@intrinsic
def total(context, lanes):
    """Return the sum of the eight numbers."""

    def combine(builder, left, right):
        return builder.fadd(left, right)

    return types.float32(LANES_TYPE), _folded(combine)


@intrinsic
def exp_below(context, lanes, top):
    """Return ``exp(lanes - top)``, ``top`` a float32 number, none above it.

    Within 3e-7 of itself; 0 below ``exp(-80)``.
    """

    def generate(context, builder, signature, args):
        x = builder.fsub(args[0], _broadcast(builder, args[1]))
        enough = builder.fcmp_ordered('>', x, _constant(_LOWEST))
        x = builder.select(enough, x, _constant(_LOWEST))
        n = builder.fadd(builder.fmul(x, _constant(_LOG2E)), _constant(0.5))
        n = _call(builder, f'llvm.floor.v{LANES}f32', _VECTOR, n)
        r = builder.fsub(x, builder.fmul(n, _constant(_LN2_HIGH)))
        r = builder.fsub(r, builder.fmul(n, _constant(_LN2_LOW)))
        power = _constant(_TAYLOR[0])
        for coefficient in _TAYLOR[1:]:
            product = builder.fmul(power, r, flags=_FUSED)
            power = builder.fadd(product, _constant(coefficient), flags=_FUSED)
        exponent = builder.shl(builder.fptosi(n, _INTEGERS), _integers(23))
        bits = builder.add(builder.bitcast(power, _INTEGERS), exponent)
        result = builder.bitcast(bits, _VECTOR)
        return builder.select(enough, result, _constant(0.0))

    return LANES_TYPE(LANES_TYPE, types.float32), generate


def _integers(value: int) -> ir.Constant:
    return ir.Constant(_INTEGERS, [ir.Constant(_INT, value)] * LANES)
