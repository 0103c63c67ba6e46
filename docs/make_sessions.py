"""Run the commands of console blocks in the documentation and write their output below them.

A console block is a fenced block marked `console`. Its lines that begin with `$ ` are commands; a
line that begins with `> ` continues it. All blocks of a document run in one shell, in a
temporary folder that looks like a fresh clone. In documents below docs/ the environment is
active; in README.md it is not.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "docs/tutorial.md",
    "docs/own-files.md",
    "docs/strains.md",
    "docs/pipelines.md",
)
#: The folder that documents show in place of the temporary one.
SHOWN = "/home/me/gafreduce"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
MARK = "--end-of-command--"
#: Longer lines of output are folded.
WIDTH = 118
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ .*(?:\n> .*)*$", re.MULTILINE)
#: Run folders and packages that a clone does not hold.
_LEFT_OUT = {".git", ".venv", "build", "dist", "demo", "gafreduce-runs", "my-run"}


class SessionError(RuntimeError):
    """A command of a document failed."""


def find_commands(text: str) -> list[str]:
    """Return the commands of all console blocks of a document, in their order."""
    return [
        command.removeprefix("$ ").replace("\n> ", "\n")
        for block in _BLOCK.findall(text)
        for command in _COMMAND.findall(block)
    ]


def make_clone(folder: Path) -> None:
    """Fill a folder with links to the files of this clone and to the environment in use."""
    for path in REPOSITORY.iterdir():
        if path.name not in _LEFT_OUT:
            (folder / path.name).symlink_to(path)
    (folder / ".venv").symlink_to(sys.prefix)


def run_commands(commands: list[str], folder: Path, is_active: bool) -> list[str]:
    """Return the output of each command, standard error included, from one shell.

    Raises:
        SessionError: A command failed; the message holds the command and its output.
    """
    environment = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = f"{folder}/.venv/bin:{SYSTEM_PATH}" if is_active else SYSTEM_PATH
    environment |= {"PATH": path, "COLUMNS": "100", "TERM": "dumb"}
    # Nothing is installed here: the environment is complete.
    script = 'make() { command make -s -o .venv/installed -o .venv/bin/python "$@"; }\n'
    script += "".join(f"{command}\necho {MARK} $?\n" for command in commands)
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    outputs: list[str] = []
    for part in re.split(rf"{MARK} ", done.stdout)[: len(commands)]:
        outputs.append(part if not outputs else part.partition("\n")[2])
    codes = re.findall(rf"{MARK} (\d+)", done.stdout)
    for command, output, code in zip(commands, outputs, codes, strict=True):
        if code != "0":
            raise SessionError(f"{command!r} ended with {code}: {output}")
    return [fold(output.replace(str(folder), SHOWN)) for output in outputs]


def fold(text: str) -> str:
    """Return text as a terminal of `WIDTH` columns shows it; folded lines are indented."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
        if len(line) > WIDTH
        else line
        for line in text.rstrip("\n").expandtabs().splitlines()
    )


def with_output(text: str, is_active: bool = False) -> str:
    """Return a document with the output of its commands made again.

    Args:
        text: The document.
        is_active: Whether the environment is active in the shell.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "gafreduce"
        folder.mkdir()
        make_clone(folder)
        outputs = iter(run_commands(find_commands(text), folder, is_active))

    def block(match: re.Match[str]) -> str:
        shown = []
        for command in _COMMAND.findall(match[1]):
            output = next(outputs)
            shown.append(command + "\n" + (output + "\n" if output else ""))
        return "```console\n" + "".join(shown) + "```"

    return _BLOCK.sub(block, text)


if __name__ == "__main__":
    for document in DOCUMENTS:
        path = REPOSITORY / document
        text = path.read_text(encoding="utf-8")
        path.write_text(with_output(text, document != "README.md"), encoding="utf-8")
