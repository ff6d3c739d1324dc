"""From older files to this version's form, one version a step.

A migration is a function from a file's contents to the next version's; it runs before anything is checked against
this version's schema. A change of the form (a field more, a field less, another meaning) raises FORMAT_VERSION and
adds the step that brings the former version here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnstudio.project.plain import Json
from cnnstudio.project.tensors import Array

FORMAT_VERSION = 2


@dataclass(frozen=True, slots=True)
class Contents:
    """A file taken apart but not yet understood.

    Attributes:
        document: project.json.
        weights: arrays by state_dict name.
        history: arrays by column.
    """

    document: dict[str, Json]
    weights: Mapping[str, Array]
    history: Mapping[str, Array]


Migration = Callable[[Contents], Contents]


def _training_of_version_1(contents: Contents) -> Contents:
    """Version 2 knows more of training. Version 1 trained at a constant rate, with plain losses and no bounds."""
    training = contents.document.get("training")
    if isinstance(training, dict):
        plain: dict[str, Json] = {
            "label_smoothing": 0.0,
            "class_weights": None,
            "schedule": "constant",
            "warmup": 0,
            "clip_norm": None,
            "clip_value": None,
            "l1": 0.0,
            "max_norm": None,
            "layers": {},
        }
        contents.document["training"] = {**training, **plain}
    return contents


MIGRATIONS: Mapping[int, Migration] = {1: _training_of_version_1}
"""For each version that was ever released, the step to the next one."""


def migrate(contents: Contents, version: int, steps: Mapping[int, Migration], target: int) -> Contents:
    """`contents` of `version` in the form of version `target`. Raises KeyError when a step is missing."""
    for number in range(version, target):
        contents = steps[number](contents)
        contents.document["version"] = number + 1
    return contents
