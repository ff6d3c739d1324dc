"""What stands in the place of the curves before the first run: what Train does, and the next step towards it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.remedies import Obstacle
from cnnstudio.gui.widgets import Card, EmptyState, button
from cnnstudio.session import DataSource, DataState


class StartPage(Card):
    """`offer` says what its button would do: train, load, mend or choose; empty while there is nothing to do.

    `second_clicked` is another way to mend, where there is one.
    """

    clicked = Signal()
    second_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setObjectName("startPage")
        self.offer = ""
        self.state = EmptyState(theme, "train", self.tr("Train"), self.tr("Train"), self.tr("Train"))
        self.state.button.setObjectName("startPageButton")
        self.state.activated.connect(self.clicked)
        self.second = button("", "", "startPageSecond")
        self.second.clicked.connect(self.second_clicked)
        self.state.choices.insertWidget(2, self.second)
        self.body.addStretch(1)
        self.body.addWidget(self.state)
        self.body.addStretch(1)

    def show_source(self, source: DataSource, fetch: str, obstacle: Obstacle | None, trained: bool) -> None:
        """fetch: what the button that loads the data says. trained: there are learned weights all the same."""
        if source.state is DataState.LOADING:
            self._offer(
                "", self.tr("The data is on its way"), self.tr("The column at the left shows how far it is."), ""
            )
        elif source.state is DataState.FAILED:
            self._offer("choose", self.tr("The data cannot be read"), source.error or "", self.tr("Choose data…"))
        elif source.dataset is None:
            words = self.tr("{title} is not loaded yet. The network learns from its pictures.")
            self._offer("load", self.tr("First the data"), words.format(title=source.title), fetch)
        elif obstacle is not None:
            texts = [remedy.text for remedy in obstacle.remedies]
            action = texts[0] if texts else ""
            self._offer("mend" if action else "", self.tr("Not ready to train"), obstacle.message, action, *texts[1:2])
        elif trained:
            words = self.tr(
                "Its layers hold what an earlier run has taught them, and the next run goes on from there. "
                "The curves of that run are no longer at hand."
            )
            self._offer("train", self.tr("Trained before"), words, self.tr("Train on"))
        else:
            words = self.tr(
                "Training shows the network pictures in small batches and after each one moves its weights a little, "
                "so that the loss falls. The curves will stand here, what the filters learn below."
            )
            self._offer("train", self.tr("Nothing learned yet"), words, self.tr("Train"))

    def _offer(self, offer: str, title: str, text: str, action: str, second: str = "") -> None:
        self.second.setText(second)
        self.second.setVisible(bool(second))
        self.offer = offer
        self.state.set_text(title, text, action)
        self.state.fit(self.contentsRect().size())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.state.fit(self.contentsRect().size())
