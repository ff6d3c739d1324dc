"""Where the cards stand, found by height: what is asked of a large drawing concerns a few of its rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from cnnstudio.graph.routing import Box
from cnnstudio.gui.canvas.measures import CARD_HEIGHT, Point, card_rect


class Boxes:
    """The cards of a drawing by their node ids, as they stood when this was made."""

    def __init__(self, corners: Mapping[str, Point]) -> None:
        self._cards = [(node_id, card_rect(corner)) for node_id, corner in corners.items()]
        self._cards.sort(key=lambda each: each[1][1])
        self._tops = [box[1] for _, box in self._cards]

    def between(self, top: float, bottom: float) -> dict[str, Box]:
        """The cards that reach into the stripe from `top` to `bottom`; to touch it is not enough."""
        first, last = bisect_right(self._tops, top - CARD_HEIGHT), bisect_left(self._tops, bottom)
        return dict(self._cards[first:last])

    def area(self) -> Box | None:
        """What all of them cover together; None when there is none."""
        if not self._cards:
            return None
        boxes = [box for _, box in self._cards]
        return min(box[0] for box in boxes), self._tops[0], max(box[2] for box in boxes), boxes[-1][3]
