"""Cards found by where they stand."""

from __future__ import annotations

import random

from cnnstudio.gui.canvas.boxes import Boxes
from cnnstudio.gui.canvas.measures import card_rect


def test_a_stripe_holds_the_cards_that_reach_into_it() -> None:
    boxes = Boxes({"a": (0, 0), "b": (0, 82), "c": (300, 82), "d": (0, 164)})
    assert set(boxes.between(82, 142)) == {"b", "c"}
    assert set(boxes.between(61, 83)) == {"b", "c"}
    assert set(boxes.between(59, 83)) == {"a", "b", "c"}
    assert boxes.between(82, 142)["c"] == (300, 82, 564, 142)


def test_a_card_that_the_stripe_only_touches_is_not_in_it() -> None:
    boxes = Boxes({"a": (0, 0)})
    assert not boxes.between(60, 90)
    assert not boxes.between(-20, 0)


def test_as_if_every_card_had_been_asked() -> None:
    dice = random.Random(5)
    corners = {str(number): (dice.uniform(-900, 900), dice.uniform(-900, 900)) for number in range(300)}
    boxes = Boxes(corners)
    for _ in range(50):
        top = dice.uniform(-1000, 1000)
        bottom = top + dice.uniform(1, 400)
        wanted = {each for each, (_, y) in corners.items() if y < bottom and y + 60 > top}
        assert set(boxes.between(top, bottom)) == wanted


def test_the_area_of_all() -> None:
    assert Boxes({"a": (-40, 10), "b": (300, 500)}).area() == (-40, 10, 564, 560)
    assert Boxes({"a": (8, 16)}).area() == card_rect((8, 16))
    assert Boxes({}).area() is None
