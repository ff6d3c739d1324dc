"""What a run would be like, before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnstudio.data import Dataset
from cnnstudio.engine import TrainingConfig

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Plan:
    """Two lines for the run bar."""

    title: str
    detail: str


def plan_for(dataset: Dataset | None, config: TrainingConfig, *, trained: bool, edited: bool, fits: bool) -> Plan:
    """trained: the network has weights from an earlier run; edited: the drawing was edited since.

    fits: data and network suit each other.
    """
    titles = (translate("Plan", "Trained"), translate("Plan", "Edited since it was trained"))
    title = titles[edited] if trained else translate("Plan", "Not trained yet")
    if dataset is None:
        return Plan(title, translate("Plan", "Waits for the data"))
    if not fits:
        return Plan(title, translate("Plan", "Data and network do not fit yet"))
    per_epoch = iterations_per_epoch(len(dataset.train), config.batch_size)
    text = translate("Plan", "{per_epoch} iterations an epoch, {total} in all")
    return Plan(title, text.format(per_epoch=f"{per_epoch:,}", total=f"{per_epoch * config.epochs:,}"))


def iterations_per_epoch(images: int, batch_size: int) -> int:
    """As `engine.train` counts: a last batch of a single picture is left out, unless it is the only one."""
    batches = -(-images // batch_size)
    return batches - 1 if batches > 1 and images % batch_size == 1 else batches
