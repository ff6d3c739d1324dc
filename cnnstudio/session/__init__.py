"""The application without a screen: training in a thread, data, inspection, one project; no Qt.

studio = Studio()
studio.training.start(studio.config)
while studio.training.state.active:
    studio.poll()
studio.close()
"""

from __future__ import annotations

from cnnstudio.session.history import History
from cnnstudio.session.inspection import InspectionSession, InspectionState
from cnnstudio.session.messages import Level, Message, SessionError
from cnnstudio.session.profiling import Measurement, ProfilingSession, ProfilingState
from cnnstudio.session.solving import Question, Solution, SolvingSession
from cnnstudio.session.source import DataSource, DataState
from cnnstudio.session.standing import Standing
from cnnstudio.session.studio import DEFAULT_PRESET, Studio
from cnnstudio.session.training import RunProgress, RunState, TrainingSession

__all__ = [
    "DEFAULT_PRESET",
    "DataSource",
    "DataState",
    "History",
    "InspectionSession",
    "InspectionState",
    "Level",
    "Measurement",
    "Message",
    "ProfilingSession",
    "ProfilingState",
    "Question",
    "RunProgress",
    "RunState",
    "SessionError",
    "Solution",
    "SolvingSession",
    "Standing",
    "Studio",
    "TrainingSession",
]
