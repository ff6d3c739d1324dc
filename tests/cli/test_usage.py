"""What the command line says, and what it says when something is wrong: one line, exit code 2, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cnnstudio
from cnnstudio.blas import kernels_in_use
from cnnstudio.cli import COMMANDS
from cnnstudio.cli import main as cli_main
from cnnstudio.graph import Graph, presets
from cnnstudio.gui.preflight import HEADLESS
from cnnstudio.project import Project, open_project, save_project


def test_help_names_every_command(run) -> None:
    done = run("--help")
    assert done.code == 0
    for name, command in COMMANDS.items():
        assert f"{name} " in done.out
        assert command.help in done.out
        told = run(name, "--help")
        assert told.code == 0
        assert told.out.startswith(f"usage: cnnstudio {name}")
    assert "quit-after" not in done.out


@pytest.mark.parametrize("command", ["analyze", "compare", "profile", "train", "inspect"])
def test_help_names_every_preset_in_its_group(run, command: str) -> None:
    _, _, listed = run(command, "--help").out.partition("presets:\n")
    words = listed.replace(",", " ").split()
    assert [word for word in words if word in presets.names()] == list(presets.names())
    for group in {presets.info(name).group for name in presets.names()}:
        assert f"\n  {group}  " in f"\n{listed}"


def test_the_version_and_what_matrices_are_multiplied_with(run) -> None:
    assert run("--version").out == f"CNN Studio {cnnstudio.__version__}\nBLAS: {kernels_in_use()}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["trian"], "Did you mean 'cnnstudio train'?"),
        (["trian", "digits-small", "--epochs", "3"], "no command 'trian'. Did you mean 'cnnstudio train'?"),
        (["nowhere.cnnstudio"], "no project file and no command 'nowhere.cnnstudio'"),
        (["analyze"], "required: PRESET|PROJECT"),
        (["analyze", "lenet5"], "Nearest: lenet5-d2l, lenet5-1998, lenet5-caffe, lenet5-cs231n."),
        (["analyze", "no\nsuch"], "no preset and no file"),
        (["analyze", "digits-small", "--format", "xml"], "invalid choice: 'xml'"),
        (["analyze", "digits-small", "more"], "unrecognized arguments: more"),
        (["train", "nowhere.cnnstudio"], "no preset and no file 'nowhere.cnnstudio'"),
        (["train", "digits-small", "--data", "digit"], "Did you mean digits?"),
        (["train", "digits-small", "--data", "nowhere/at/all"], "no data set, file or folder 'nowhere/at/all'"),
        (["train", "digits-small", "--epochs", "0"], "--epochs: '0' is not a whole number of at least 1"),
        (["train", "digits-small", "--epochs", "many"], "--epochs: 'many' is not a whole number of at least 1"),
        (["train", "digits-small", "--learning-rate", "-1"], "--learning-rate: '-1' is not a number above 0"),
        (["train", "digits-small", "--optimizer", "lion"], "invalid choice: 'lion'"),
        (["train", "digits-small", "--validation", "2"], "validation is 2"),
        (["train", "digits-small", "--size", "big"], "'big' is no size"),
        (["train", "lenet5-cs231n", "--data", "digits"], "(--size 28x28 --mode grey)."),
        (["train", "digits-small", "--data", "mnist"], "the pictures of MNIST are 1 × 28 × 28"),
        (["inspect", "digits-small", "x.png"], "required: --out"),
        (["inspect", "digits-small", "nowhere.png", "--out", "maps.png"], "nowhere.png"),
        (["inspect", "digits-small", "x.png", "--out", "maps.txt"], "ends in no kind of picture"),
        (["data"], "required: action"),
        (["train", "digits-small", "--data", ""], "source is empty"),
        (["train", "digits-small", "--out", "a" * 300], "File name too long"),
        (["a" * 5000], "no project file and no command"),
        (["data", "get"], "Which one?"),
        (["data", "get", "minst"], "Did you mean mnist?"),
        (["data", "list", "mnist"], "takes no name"),
    ],
    ids=lambda value: (" ".join(value) if isinstance(value, list) else value)[:60],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run, arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.code == 2
    assert words in done.complaint
    assert done.out == ""
    assert [path.name for path in tmp_path.iterdir() if path.name != "user"] == []


def test_a_damaged_project_is_named(run, tmp_path: Path) -> None:
    path = tmp_path / "damaged.cnnstudio"
    path.write_bytes(b"PK\x03\x04 and no more")
    for arguments in (["train", path], ["analyze", path], ["inspect", path, path, "--out", tmp_path / "maps.png"]):
        done = run(*arguments)
        assert done.code == 2
        assert "damaged.cnnstudio" in done.complaint


@pytest.mark.parametrize("command", ["train", "inspect"])
def test_a_broken_network_names_its_layer(run, broken: Path, tmp_path: Path, command: str) -> None:
    rest = ["picture.png", "--out", tmp_path / "maps.png"] if command == "inspect" else []
    done = run(command, broken, *rest)
    assert done.code == 2
    assert "scores" in done.complaint


def test_a_network_larger_than_memory_is_one_line(run, tmp_path: Path) -> None:
    graph = Graph()
    vector = graph.add("Flatten", graph.add("Input", shape=(3, 4096, 4096)))
    graph.add("Linear", vector, out_features=65_536, name="endless")
    path = tmp_path / "huge.cnnstudio"
    save_project(Project(graph=graph), path)
    picture = Path(__file__).resolve().parents[2] / "sample_images" / "digit-3.png"
    done = run("inspect", path, picture, "--out", tmp_path / "maps.png")
    assert done.code == 2
    assert "endless has" in done.complaint


def test_a_network_with_nothing_to_learn_is_one_line(run, tmp_path: Path) -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8))
    graph.add("AdaptiveAvgPool2d", graph.add("Concat", *[image] * 10), output_size=1)
    path = tmp_path / "means.cnnstudio"
    save_project(Project(graph=graph), path)
    done = run("train", path)
    assert done.code == 2
    assert "nothing to learn" in done.complaint


def test_a_command_that_runs_out_of_memory_is_one_line(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(graph: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cnnstudio.cli.analysis.analyze", too_much)
    done = run("analyze", "digits-small")
    assert done.code == 2
    assert "more memory than there is" in done.complaint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_an_output_on_a_full_disk_is_one_line() -> None:
    code = "import sys; from cnnstudio.cli import main; sys.exit(main(['analyze', 'lenet5-caffe']))"
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, as the shell would open it
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "cnnstudio: the output cannot be written: No space left on device\n"


def test_an_interrupt_ends_without_a_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(graph: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnnstudio.cli.analysis.analyze", interrupt)
    done = run("analyze", "digits-small")
    assert done.code == 130
    assert done.complaint == "interrupted"


def test_a_reader_that_leaves_early_does_no_harm() -> None:
    call = "main(['analyze', 'resnet20-cifar10', '--format', 'json'])"
    code = f"import sys; from cnnstudio.cli import main; sys.exit({call})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        complaint = process.stderr.read()
    assert complaint == ""
    assert process.returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_output_that_knows_few_letters_does_not_end_the_work(encoding: str, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.cnnstudio"
    script = f"""
import sys
from cnnstudio.cli import main
assert main(["analyze", "lenet5-caffe"]) == 0
assert main(["train", {str(project)!r}, "--epochs", "1", "--out", {str(out)!r}]) == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert b"431,080" in done.stdout
    assert open_project(out).weights is not None


def test_no_command_without_a_screen_needs_qt(project: Path, tmp_path: Path) -> None:
    script = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"{{name}} is not to be imported")
sys.meta_path.insert(0, Refuse())
from cnnstudio.cli import main
picture = {str(tmp_path / "maps.png")!r}
assert main(["train", {str(project)!r}, "--epochs", "1", "--out", {str(tmp_path / "out.cnnstudio")!r}]) == 0
assert main(["inspect", {str(project)!r}, {str(Path("sample_images/digit-3.png").resolve())!r}, "--out", picture]) == 0
assert main(["inspect", {str(project)!r}, picture, "--out", picture]) == 0
assert main(["data", "list"]) == 0
assert main(["analyze", "notes-cifar10", "--format", "svg"]) == 0
assert main(["compare", "notes-cifar10", "tiny-vgg"]) == 0
assert main(["profile", "digits-small", "--repeats", "1", "--batch", "2"]) == 0
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=100, cwd=root
    )
    assert done.returncode == 0, done.stderr


def test_the_window_opens_with_the_project_and_the_hidden_option(
    project: Path, monkeypatch: pytest.MonkeyPatch, run
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("cnnstudio.cli.window._start", lambda *arguments: asked.append(arguments) or 0)
    assert cli_main([]) == 0
    assert cli_main([str(project), "--quit-after", "1.5"]) == 0
    assert asked == [(None, None), (project, 1.5)]
    monkeypatch.setattr("cnnstudio.cli.window._start", lambda *arguments: "It needs a screen.\nGet one.")
    done = run()
    assert done.code == 2
    assert done.err == "cnnstudio: It needs a screen.\nGet one.\n"


@pytest.mark.parametrize("command", ["train", "analyze", "compare", "profile", "inspect"])
def test_where_no_preset_is_near_the_commands_own_help_has_them(run, command: str) -> None:
    more = {"compare": ["vgg16"], "inspect": ["picture.png", "--out", "maps.png"]}.get(command, [])
    done = run(command, "qqqq", *more)
    assert done.complaint == f"There is no preset and no file 'qqqq'. 'cnnstudio {command} --help' names the presets."


def test_without_a_screen_every_command_that_needs_none_is_named() -> None:
    for name in COMMANDS:
        assert f"cnnstudio {name}" in HEADLESS
