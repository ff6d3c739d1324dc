"""Reading the pictures that a command works on."""

from __future__ import annotations

from cnnstudio.cli.parsing import Fault
from cnnstudio.cli.progress import Progress, Transfer
from cnnstudio.data import DataError, Dataset
from cnnstudio.project import DataChoice, SettingsStore, default_settings_folder
from cnnstudio.session import fitting
from cnnstudio.session.source import download_folder, load_choice


def load_data(choice: DataChoice, progress: Progress) -> Dataset:
    """The data set of that choice, with a bar while it is fetched or read. Raises Fault."""
    folder = download_folder(SettingsStore(default_settings_folder()).load())
    try:
        return load_choice(choice, folder, Transfer(progress, lines=fitting.known_set(choice) is not None))
    except DataError as error:
        raise Fault(str(error)) from None
    finally:
        progress.wipe()
