"""Which parameters of a layer give a size, or a field of view: a search along one axis at a time.

Height and width go their own ways: what a layer makes of the one never depends on its parameters for the other. So
each axis is asked by itself, on square maps, through the kind's own shape rule, and no kind is known by name here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cnnstudio.graph.errors import GraphError
from cnnstudio.graph.params import Params, ParamSpec, ParamType, pair
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import LayerSpec

Size = tuple[int, int]
Changes = Mapping[str, object]

MOST_LAYERS = 1000
"""So many layers behind each other are looked at, and no more."""
MOST_VALUES = 2
"""So many values of one parameter are proposed."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of what arrives at a layer, and the parameters as they are along it."""

    spec: LayerSpec
    params: Params
    channels: int
    size: int

    def output(self, **changes: object) -> int | None:
        """How many pixels leave along it, with other values of some parameters; None where it does not fit."""
        try:
            params = self.spec.check({**self.params, **changes})
            return self.spec.output_shape(params, ((self.channels, self.size, self.size),))[1]
        except GraphError:
            return None


def axes_of(spec: LayerSpec, params: Params, shape: Shape) -> tuple[Axis, Axis]:
    """The two axes of maps of `shape` at a layer."""
    first, second = (
        Axis(
            spec, {each.name: _along(each, params[each.name], axis) for each in spec.params}, shape[0], shape[axis + 1]
        )
        for axis in range(2)
    )
    return first, second


def _along(param: ParamSpec, value: object, axis: int) -> object:
    if not isinstance(value, tuple) or param.type not in (ParamType.SIZE, ParamType.PADDING):
        return value
    if len(value) == 4:
        return (*value[2 * axis : 2 * axis + 2], *value[2 * axis : 2 * axis + 2])
    return value[axis]


# -- a size


def for_size(spec: LayerSpec, params: Params, shape: Shape, wanted: Size) -> Iterator[Changes]:
    """Changes of a layer's parameters with which `wanted` leaves.

    Of one, of one and the padding, and of any two where nothing else was found.
    """
    axes = axes_of(spec, params, shape)
    sizes = [each for each in spec.params if each.type is ParamType.SIZE]
    paddings = [each for each in spec.params if each.type is ParamType.PADDING]
    found = [change for each in (*sizes, *paddings) for change in _single(each, axes, params, wanted, {})]
    for padding in paddings:
        for other in sizes:
            found.extend(_double(other, padding, axes, params, wanted))
    yield from found
    if not found:
        for first, second in combinations(sizes, 2):
            yield from _double(first, second, axes, params, wanted)


def _double(
    first: ParamSpec, second: ParamSpec, axes: tuple[Axis, Axis], params: Params, wanted: Size
) -> Iterator[Changes]:
    """The nearest value of the first for which there is one of the second."""
    current = _current(first, axes[0])
    values = range(int(first.minimum), min(int(first.maximum), max(16, 2 * current)) + 1)
    for value in sorted(values, key=lambda each: abs(each - current)):
        if value == params[first.name]:
            continue
        changes = next(iter(_single(second, axes, params, wanted, {first.name: value})), None)
        if changes is not None:
            yield {first.name: value, **changes}
            return


def _single(
    param: ParamSpec, axes: tuple[Axis, Axis], params: Params, wanted: Size, given: Changes
) -> Iterator[Changes]:
    """The values of one parameter, beside those that are given, that give both axes their size."""
    if param.type is ParamType.PADDING:
        value = padding_for(axes, wanted, given)
        if value is not None and value != params[param.name]:
            yield {param.name: value}
        return
    rows, columns = (_values(param, axis, size, given) for axis, size in zip(axes, wanted, strict=True))
    both = [each for each in rows if each in set(columns)]
    pairs = [(each, each) for each in both[:MOST_VALUES]] or list(zip(rows[:1], columns[:1], strict=False))
    for pixels in pairs:
        value = pixels[0] if pixels[0] == pixels[1] else pixels
        if value != params[param.name]:
            yield {param.name: value}


def _values(param: ParamSpec, axis: Axis, wanted: int, given: Changes) -> list[int]:
    """Those that give one axis its size, the nearest to the present one first."""
    current = _current(param, axis)
    highest = min(int(param.maximum), 2 * (axis.size + wanted) + current)
    values = range(int(param.minimum), highest + 1)
    fitting = [each for each in values if axis.output(**{**given, param.name: each}) == wanted]
    return sorted(fitting, key=lambda each: abs(each - current))


def _current(param: ParamSpec, axis: Axis) -> int:
    """The present value along an axis; a stride that is not said is as large as the window."""
    now = axis.params[param.name]
    return now if isinstance(now, int) else pair(axis.params.get("kernel_size", 1))[0]


def padding_for(axes: Sequence[Axis], wanted: Size, given: Changes) -> object | None:
    """The least padding that gives both axes their size: alike on both sides, or else the odd pixel behind."""
    sides: list[int] = []
    for axis, size in zip(axes, wanted, strict=True):
        fitting = [
            total
            for total in range(2 * _most_padding(axis, size, given) + 1)
            if axis.output(**{**given, "padding": (total // 2, total - total // 2) * 2}) == size
        ]
        even = [total for total in fitting if total % 2 == 0]
        if not fitting:
            return None
        total = (even or fitting)[0]
        sides += [total // 2, total - total // 2]
    return axes[0].spec.param("padding").check(tuple(sides))


def _most_padding(axis: Axis, wanted: int, given: Changes) -> int:
    """More would be windows that see nothing but padding; a layer without windows may pad up to what is wanted."""
    params = {**axis.params, **given}
    if "kernel_size" not in params:
        return wanted
    kernel, dilation = pair(params["kernel_size"])[0], pair(params.get("dilation", 1))[0]
    return min(dilation * (kernel - 1), int(axis.spec.param("padding").maximum))


# -- a field of view


def for_field(
    spec: LayerSpec, params: Params, shape: Shape, before: ReceptiveField, output: Shape | None, wanted: Size
) -> Iterator[Changes]:
    """The least value of each size with which the layer sees `wanted`, alone and with padding that keeps its output."""
    for param in (each for each in spec.params if each.type is ParamType.SIZE):
        sizes = [_least(spec, params, param, shape, before, axis, wanted[axis]) for axis in range(2)]
        if None in sizes:
            continue
        value = sizes[0] if sizes[0] == sizes[1] else tuple(sizes)
        if value == params[param.name]:
            continue
        yield {param.name: value}
        if output is not None and "padding" in params:
            change = {param.name: value}
            axes = axes_of(spec, {**params, **change}, shape)
            padding = padding_for(axes, (output[1], output[2]), {})
            if padding is not None and padding != params["padding"]:
                yield {**change, "padding": padding}


def _least(
    spec: LayerSpec, params: Params, param: ParamSpec, shape: Shape, before: ReceptiveField, axis: int, wanted: int
) -> int | None:
    seen = (before.rows, before.columns)[axis]
    current = params[param.name]
    if current is None:
        return None
    for value in range(pair(current)[axis], min(int(param.maximum), wanted + 1) + 1):
        step = spec.step(spec.check({**params, param.name: value}), shape)
        if not isinstance(step, tuple):
            return None
        if seen.through(step[axis]).size >= wanted:
            return value
    return None


def more_layers(
    spec: LayerSpec,
    params: Params,
    output: Shape,
    field: ReceptiveField | None,
    reached: Callable[[Shape, ReceptiveField | None], bool],
) -> int | None:
    """How many layers of the same parameters behind one that gives `output` it takes; None for no number of them."""
    shape, seen = output, field
    for count in range(1, MOST_LAYERS + 1):
        try:
            after = spec.output_shape(params, (shape,))
        except GraphError:
            return None
        step = spec.step(params, shape)
        if not isinstance(step, tuple) or len(after) != 3 or max(after) > 2**16:
            return None
        if seen is not None:
            seen = ReceptiveField(seen.rows.through(step[0]), seen.columns.through(step[1]))
        if reached(after, seen):
            return count
        if seen is None and after == shape:
            return None
        shape = after
    return None
