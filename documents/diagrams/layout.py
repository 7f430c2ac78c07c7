"""Places boxes and the labels of their arrows in layers, so that arrows flow down and seldom cross.

The steps are those of Sugiyama's method: arrows that lead back are turned round, boxes are laid in
layers, an arrow gets a place of its own in every layer that it passes, each layer is put in the
order with the fewest crossings, and places are moved as near to their neighbours as they can be.
A label is such a place, so labels never lie on each other. Lengths are in pixels; y grows downwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 24
"""How often the layers are put in order; more changed nothing on the shipped workflows."""
BETWEEN = 22.0
"""Between two things of one layer."""
BESIDE_LINE = 14.0
"""Between things of one layer if one of them is but a passing line."""
LAYER_GAP = 30.0
"""Between two layers, where arrows turn."""
PORT_GAP = 20.0
"""Between two arrows at one side of a box, if there is room."""

LABEL_PULL, LINE_PULL = 2.0, 6.0
"""A line is bent at its box rather than at its label, and at its label rather than on its way."""

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much room a thing needs."""

    width: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrow:
    """From one box to another, with its label."""

    source: str
    target: str
    label: Size


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrowRoute:
    """Where an arrow goes."""

    points: tuple[Point, ...]
    """From the edge of its source to the edge of its target; each two are joined by a curve."""
    label: Point
    """The middle of the label."""
    back: bool
    """Whether it leads to an earlier layer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where everything stands."""

    boxes: Mapping[str, Point]
    """The upper left corner of each box."""
    routes: tuple[ArrowRoute, ...]
    """In the order of the arrows."""
    width: float
    height: float


@dataclass(slots=True, eq=False)
class _Place:
    """Something in a layer: a box, a label, or where an arrow passes."""

    layer: int
    width: float
    height: float
    is_line: bool = False
    pull: float = 1.0
    """How much a straight way to it matters, beside others."""
    x: float = 0.0
    """The middle."""
    above: "list[_Place]" = field(default_factory=list)
    below: "list[_Place]" = field(default_factory=list)


def layered(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layout:
    """Return where *boxes* and *arrows* stand; boxes are given in the order in which things go forward.

    Args:
        arrows: Between two different boxes.
    """
    ranks = _ranks(tuple(boxes), arrows)
    places = {name: _Place(2 * ranks[name], size.width, size.height) for name, size in boxes.items()}
    layers: list[list[_Place]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for place in places.values():
        layers[place.layer].append(place)
    chains = [_chain(arrow, places, layers) for arrow in arrows]
    _put_in_order(layers)
    _spread(layers)
    tops, height = _heights(layers)
    left = min((place.x - place.width / 2 for layer in layers for place in layer), default=0.0)
    for layer in layers:
        for place in layer:
            place.x -= left
    width = max((place.x + place.width / 2 for layer in layers for place in layer), default=0.0)
    ports = _Ports(places, chains, tops)
    return Layout(
        boxes={name: (place.x - place.width / 2, tops[place.layer][0]) for name, place in places.items()},
        routes=tuple(_route(arrow, chain, places, tops, ports) for arrow, chain in zip(arrows, chains, strict=True)),
        width=width,
        height=height,
    )


@dataclass(slots=True, eq=False)
class _Chain:
    """The places that an arrow passes, from the upper box to the lower one."""

    upper: _Place
    lower: _Place
    between: list[_Place]
    label: _Place


def _ranks(names: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """Return the layer of each box: one below the lowest that leads to it, in the order of *names*."""
    order = {name: position for position, name in enumerate(names)}
    ranks = dict.fromkeys(names, 0)
    down = sorted(
        {tuple(sorted((each.source, each.target), key=order.__getitem__)) for each in arrows},
        key=lambda pair: order[pair[0]],
    )
    for upper, lower in down:
        ranks[lower] = max(ranks[lower], ranks[upper] + 1)
    return ranks


def _chain(arrow: Arrow, places: Mapping[str, _Place], layers: list[list[_Place]]) -> _Chain:
    """Give *arrow* a place in every layer that it passes; its label gets the emptiest of those between states."""
    ends = sorted((places[arrow.source], places[arrow.target]), key=lambda place: place.layer)
    upper, lower = ends
    passed = range(upper.layer + 1, lower.layer)
    room = {layer: sum(place.width + BETWEEN for place in layers[layer]) for layer in passed if layer % 2}
    # A forward arrow is best named where it begins, a returning one where it ends: both at the top.
    at = min(room, key=lambda layer: (room[layer] > 900, layer)) if room else upper.layer + 1
    between = []
    for layer in passed:
        if layer == at:
            place = _Place(layer, arrow.label.width, arrow.label.height, pull=LABEL_PULL)
        else:
            place = _Place(layer, 2.0, 0.0, is_line=True, pull=LINE_PULL)
        layers[layer].append(place)
        between.append(place)
    road = [upper, *between, lower]
    for one, other in pairwise(road):
        one.below.append(other)
        other.above.append(one)
    return _Chain(upper, lower, between, between[at - upper.layer - 1])


def _put_in_order(layers: list[list[_Place]]) -> None:
    """Put each layer in the order that crosses fewest arrows, as far as it is found."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers[1:] if downwards else reversed(layers[:-1]):
            _sort_by_neighbours(layers, layer, downwards=downwards)
        _swap_neighbours(layers)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _sort_by_neighbours(layers: list[list[_Place]], layer: list[_Place], *, downwards: bool) -> None:
    """Sort *layer* by where its neighbours stand on the side that was put in order before."""
    number = layer[0].layer if layer else 0
    other = layers[number - 1 if downwards else number + 1] if layer else []
    position = {id(place): index for index, place in enumerate(other)}
    own = {id(place): index for index, place in enumerate(layer)}

    def middle(place: _Place) -> float:
        near = [position[id(each)] for each in (place.above if downwards else place.below)]
        return sum(near) / len(near) if near else own[id(place)] * len(other) / max(len(layer), 1)

    layer.sort(key=middle)


def _swap_neighbours(layers: list[list[_Place]]) -> None:
    """Swap two things side by side wherever their arrows then cross less."""
    for number, layer in enumerate(layers):
        above = {id(place): index for index, place in enumerate(layers[number - 1])} if number else {}
        below = {id(place): index for index, place in enumerate(layers[number + 1])} if number + 1 < len(layers) else {}
        for index in range(len(layer) - 1):
            one, other = layer[index], layer[index + 1]
            now = _crossed(one.above, other.above, above) + _crossed(one.below, other.below, below)
            then = _crossed(other.above, one.above, above) + _crossed(other.below, one.below, below)
            if then < now:
                layer[index], layer[index + 1] = other, one


def _crossed(left: Sequence[_Place], right: Sequence[_Place], position: Mapping[int, int]) -> int:
    """Return how many arrows cross between two things side by side."""
    return sum(position[id(one)] > position[id(other)] for one in left for other in right)


def _crossings(layers: list[list[_Place]]) -> int:
    """Return how many arrows cross between all layers."""
    total = 0
    for number, layer in enumerate(layers[:-1]):
        position = {id(place): index for index, place in enumerate(layers[number + 1])}
        for index, one in enumerate(layer):
            total += sum(_crossed(one.below, other.below, position) for other in layer[index + 1 :])
    return total


def _spread(layers: list[list[_Place]]) -> None:
    """Move everything sideways as near to its neighbours as the room allows."""
    for layer in layers:
        x = 0.0
        for index, place in enumerate(layer):
            x += _apart(layer[index - 1], place) if index else 0.0
            place.x = x
        for place in layer:
            place.x -= x / 2
    above: Callable[[_Place], list[_Place]] = lambda place: place.above  # noqa: E731 - three ways to look
    below: Callable[[_Place], list[_Place]] = lambda place: place.below  # noqa: E731
    both: Callable[[_Place], list[_Place]] = lambda place: [*place.above, *place.below]  # noqa: E731
    for _ in range(30):
        for layer in layers[1:]:
            _settle(layer, above)
        for layer in reversed(layers[:-1]):
            _settle(layer, below)
    for _ in range(60):
        for layer in layers:
            _settle(layer, both)


def _settle(layer: list[_Place], neighbours: Callable[[_Place], list[_Place]]) -> None:
    """Move the things of one layer to the middle of their neighbours, as far as they do not meet.

    The least squares under an order with distances: pools of things that would meet are moved as one.
    """
    offset, pools = 0.0, list[tuple[float, float, list[tuple[_Place, float]]]]()
    for index, place in enumerate(layer):
        offset += _apart(layer[index - 1], place) if index else 0.0
        near = neighbours(place)
        wished, weight = place.x, 0.2
        if near:
            # Long lines are kept straight before boxes are centred.
            weights = [place.pull * each.pull for each in near]
            weight = sum(weights)
            wished = sum(each.x * one for each, one in zip(near, weights, strict=True)) / weight
        pools.append((wished - offset, weight, [(place, offset)]))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (x1, w1, members1), (x2, w2, members2) = pools[-2], pools[-1]
            pools[-2:] = [((x1 * w1 + x2 * w2) / (w1 + w2), w1 + w2, members1 + members2)]
    for x, _, members in pools:
        for place, shift in members:
            place.x = x + shift


def _apart(left: _Place, right: _Place) -> float:
    """Return how far the middles of two things side by side must be apart."""
    gap = BESIDE_LINE if left.is_line or right.is_line else BETWEEN
    return (left.width + right.width) / 2 + gap


def _heights(layers: list[list[_Place]]) -> tuple[list[tuple[float, float]], float]:
    """Return upper and lower edge of each layer, and the height of all."""
    edges, y = [], 0.0
    for layer in layers:
        height = max((place.height for place in layer), default=0.0)
        edges.append((y, y + height))
        # Wide layers need more room for their arrows to turn.
        y += height + LAYER_GAP + min(len(layer), 14) * 1.5
    return edges, edges[-1][1] if edges else 0.0


class _Ports:
    """Where arrows meet the upper and the lower side of their boxes."""

    def __init__(
        self, places: Mapping[str, _Place], chains: Sequence[_Chain], tops: Sequence[tuple[float, float]]
    ) -> None:
        self._x: dict[tuple[int, int, bool], float] = {}
        self._tops = tops
        for place in places.values():
            for lower_side in (True, False):
                met = [
                    (chain.between[0 if lower_side else -1].x, id(chain))
                    for chain in chains
                    if (chain.upper if lower_side else chain.lower) is place
                ]
                gap = min(PORT_GAP, 0.82 * place.width / max(len(met), 1))
                for index, (_, chain_id) in enumerate(sorted(met)):
                    x = place.x + (index - (len(met) - 1) / 2) * gap
                    self._x[id(place), chain_id, lower_side] = x

    def lower(self, chain: _Chain) -> list[Point]:
        """Return where the arrow meets the lower side of its upper box, and where it leaves that layer."""
        x = self._x[id(chain.upper), id(chain), True]
        top, bottom = self._tops[chain.upper.layer]
        return [(x, top + chain.upper.height), (x, bottom)]

    def upper(self, chain: _Chain) -> Point:
        """Return where the arrow meets the upper side of its lower box."""
        return self._x[id(chain.lower), id(chain), False], self._tops[chain.lower.layer][0]


def _route(
    arrow: Arrow,
    chain: _Chain,
    places: Mapping[str, _Place],
    tops: Sequence[tuple[float, float]],
    ports: _Ports,
) -> ArrowRoute:
    """Return the way of *arrow* along its chain."""
    points = ports.lower(chain)
    for place in chain.between:
        top, bottom = tops[place.layer]
        points += [(place.x, top), (place.x, bottom)]
    points.append(ports.upper(chain))
    points = [point for index, point in enumerate(points) if not index or point != points[index - 1]]
    back = places[arrow.source] is chain.lower
    top, bottom = tops[chain.label.layer]
    return ArrowRoute(
        points=tuple(reversed(points)) if back else tuple(points),
        label=(chain.label.x, (top + bottom) / 2),
        back=back,
    )
