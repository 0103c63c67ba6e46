"""Run Python for Windows under Wine."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import argparse_manpage

from wine_windows import build

#: Wine prints nothing of its own, and has no window.
_VARIABLES = {"WINEARCH": "win64", "WINEDEBUG": "-all", "DISPLAY": ""}
_BATCH = Path(__file__).with_name("run_batch.py")


class Answer(NamedTuple):
    """What a command returned and wrote."""

    code: int
    output: str
    errors: str


class Windows:
    """A Python for Windows with gafreduce, in a folder of its own.

    Args:
        version: Of Python.
        wheel: Of gafreduce.
        scratch: A folder with Wine's folder, for the package.
    """

    def __init__(self, version: str, wheel: Path, scratch: Path) -> None:
        self.has_extension = wheel.name.endswith("win_amd64.whl")
        self.name = f"Python {version} {'with' if self.has_extension else 'without'} C"
        self.version = version
        self.home = build.find_python(version)
        self.package = scratch / f"package-{version}-{wheel.name.split('-')[-1]}"
        shutil.rmtree(self.package, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.package)
        pure = Path(argparse_manpage.__file__).parent  # a dependency that has no wheel
        shutil.copytree(pure, self.package / pure.name)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name == "PATH"},
            "LC_ALL": "C.UTF-8",  # how Wine names files here
            "HOME": str(scratch / "home"),
            **_VARIABLES,
            "WINEPREFIX": str(scratch / "prefix"),
            "WINEDLLOVERRIDES": "ucrtbase=n,b",
            "PYTHONPATH": name_path(self.package),
        }

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs Python."""
        return ["wine", str(self.home / "python.exe"), *arguments]

    def run(
        self,
        *arguments: str,
        folder: Path,
        text: bytes = b"",
        more: dict[str, str] | None = None,
        seconds: float = 3600,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run Python; its streams are pipes: Wine 8 gives Python no others.

        Args:
            arguments: Of Python.
            folder: The working folder.
            text: Standard input.
            more: Further variables.
            seconds: Time limit.
        """
        return subprocess.run(
            self.command(*arguments),
            cwd=folder,
            env={**self.environment, **(more or {})},
            input=text,
            capture_output=True,
            check=False,
            timeout=seconds,
        )

    def type_in_console(
        self, *arguments: str, keys: bytes, when: Callable[[], bool], folder: Path
    ) -> tuple[int, str]:
        """Run Python in a console, as Wine shows it in a terminal; return its exit code and screen.

        Args:
            arguments: Of Python.
            keys: What is typed, once.
            when: Whether it is time for that.
            folder: The working folder.
        """
        terminal, screen = pty.openpty()
        process = subprocess.Popen(
            ["setsid", "--ctty", *self.command(*arguments)],  # its keys are then heard
            cwd=folder,
            env={**self.environment, "TERM": "xterm"},
            stdin=screen,
            stdout=screen,
            stderr=screen,
        )
        os.close(screen)
        shown, is_typed = b"", False
        while process.poll() is None:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    shown += os.read(terminal, 1 << 16)
                except OSError:  # its last program has ended
                    break
            if not is_typed and when():
                os.write(terminal, keys)
                is_typed = True
        os.close(terminal)
        return process.wait(), shown.decode(errors="replace")

    def batch(
        self,
        *commands: Sequence[str],
        folder: Path,
        more: dict[str, str] | None = None,
        seconds: float = 3600,
    ) -> list[Answer]:
        """Run commands of gafreduce in one process, and return their answers; none has a CR.

        Args:
            commands: Their arguments.
            folder: The working folder.
            more: Further variables.
            seconds: Time limit.
        """
        done = self.run(
            *("-P", name_path(_BATCH)),
            folder=folder,
            text=json.dumps(commands).encode(),
            more=more,
            seconds=seconds,
        )
        assert done.returncode == 0, _text(done)
        answers = []
        for command, (code, *texts) in zip(commands, json.loads(done.stdout), strict=True):
            assert "\r" not in "".join(texts), f"{command}: CR"
            answers.append(Answer(code, *(each.encode("latin-1").decode() for each in texts)))
        return answers

    def gafreduce(self, *arguments: str, folder: Path, **options: object) -> bytes:
        """Run a command of gafreduce that must succeed, and return its output."""
        done = self.run("-m", "gafreduce", *arguments, folder=folder, **options)  # type: ignore[arg-type]
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{_text(done)}"
        return done.stdout

    def fail(self, *arguments: str, folder: Path, **options: object) -> tuple[int, str]:
        """Run a command of gafreduce that must fail, and return its exit code and its errors."""
        done = self.run("-m", "gafreduce", *arguments, folder=folder, **options)  # type: ignore[arg-type]
        assert done.returncode != 0, f"{arguments}: it succeeded\n{_text(done)}"
        return done.returncode, done.stderr.decode()


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stdout[-2000:].decode(errors="replace") + done.stderr[-4000:].decode(
        errors="replace"
    )


def name_path(path: Path) -> str:
    """Return a path of this system as Wine's drive Z has it."""
    return "Z:" + str(path).replace("/", "\\")


@contextlib.contextmanager
def start_wine(scratch: Path) -> Iterator[None]:
    """Make Wine's folder below `scratch`; its server runs while the block runs.

    A server that ends with its last program costs seconds for each program. Windows' own folders
    are those of the template, by links: they have 700 MB.
    """
    prefix, template = scratch / "prefix", _make_template()
    linked = shutil.ignore_patterns("windows", "Program Files*")
    shutil.copytree(template, prefix, symlinks=True, ignore=linked)
    for folder in (template / "drive_c").iterdir():
        if not (prefix / "drive_c" / folder.name).exists():
            (prefix / "drive_c" / folder.name).symlink_to(folder)
    _call(prefix, "wineserver", "-p")
    # its services keep the streams of the program that starts them, so a pipe would never end
    _call(prefix, "wineboot")
    try:
        yield
    finally:
        _call(prefix, "wineserver", "-k")


def _make_template() -> Path:
    """Return the folder that Wine's folders are copies of; it is made once.

    It is Windows 10, where a crash does not wait for a debugger.
    """
    prefix = build.find_cache() / "prefix"
    mark = prefix / build.COMPLETE
    done = subprocess.run(["wine", "--version"], capture_output=True, text=True, check=True)
    version = done.stdout
    if mark.is_file() and mark.read_text() == version:
        return prefix
    shutil.rmtree(prefix, ignore_errors=True)
    _call(prefix, "wineboot", "-i")
    for key, *values in (
        ("Wine", "/v", "Version", "/d", "win10"),
        ("Wine\\WineDbg", "/v", "ShowCrashDialog", "/t", "REG_DWORD", "/d", "0"),
    ):
        _call(prefix, "wine", "reg", "add", f"HKCU\\Software\\{key}", *values, "/f")
    _call(prefix, "wineserver", "-w")
    mark.write_text(version)
    return prefix


def _call(prefix: Path, *command: str) -> None:
    """Run a program of Wine, without streams."""
    subprocess.run(
        command,
        env={**os.environ, **_VARIABLES, "WINEPREFIX": str(prefix)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
