"""Run Python for Windows under Wine."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

from wine_windows import build


class Windows:
    """A Python for Windows with gafreduce, in a folder of its own.

    Args:
        version: Of Python.
        wheel: Of gafreduce.
        scratch: A folder for Wine's files and the package.
    """

    def __init__(self, version: str, wheel: Path, scratch: Path) -> None:
        self.version = version
        self.home = build.find_python(version)
        self.package = scratch / f"package-{version}-{wheel.name.split('-')[-1]}"
        shutil.rmtree(self.package, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.package)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name == "PATH"},
            "LC_ALL": "C.UTF-8",  # how Wine names files here
            "HOME": str(scratch / "home"),
            "WINEPREFIX": str(make_prefix(scratch)),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "ucrtbase=n,b",
            "DISPLAY": "",
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
        seconds: float = 600,
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


def make_prefix(scratch: Path) -> Path:
    """Return Wine's folder; it is made as Windows 10, where a crash does not wait for a debugger."""
    prefix = scratch / "prefix"
    if prefix.is_dir():
        return prefix
    environment = {
        **os.environ,
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "DISPLAY": "",
    }
    settings: Sequence[Sequence[str]] = (
        ("HKCU\\Software\\Wine", "/v", "Version", "/d", "win10"),
        ("HKCU\\Software\\Wine\\WineDbg", "/v", "ShowCrashDialog", "/t", "REG_DWORD", "/d", "0"),
    )
    commands = [["wineboot", "-i"], *(["wine", "reg", "add", *each, "/f"] for each in settings)]
    for command in [*commands, ["wineserver", "-w"]]:
        subprocess.run(command, env=environment, check=False, capture_output=True)
    return prefix
