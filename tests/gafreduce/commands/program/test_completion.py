"""Scripts for completion, and the manual page: they name every command and option."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.cli.main import COMMANDS, list_commands, parser
from gafreduce.commands.program.completion import SHELLS

Command = Callable[..., tuple[int, str, str]]


def list_options() -> set[str]:
    return {
        option
        for command in list_commands(parser()).values()
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--")
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_every_command_and_option(
    gafreduce: Command, tmp_path: Path, shell: str
) -> None:
    code, script, errors = gafreduce("completion", shell)
    assert (code, errors) == (0, "")
    assert all(command.name in script for command in COMMANDS)
    names = (name.removeprefix("--") for name in list_options())
    assert [name for name in names if name not in script] == []
    if shutil.which(shell):
        path = tmp_path / "script"
        path.write_text(script)
        assert subprocess.run([shell, "-n", path], check=False).returncode == 0


def test_bash_completes_commands_options_and_values(gafreduce: Command, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(gafreduce("completion", "bash")[1])

    def complete(*words: str) -> list[str]:
        line = " ".join(f"'{word}'" for word in words)
        commands = f"source {path}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
        commands += "_shtab_gafreduce; printf '%s\\n' \"${COMPREPLY[@]}\""
        done = subprocess.run(["bash", "-c", commands], capture_output=True, check=True, text=True)
        return done.stdout.split()

    assert complete("gafreduce", "ter") == ["term-set"]
    assert complete("gafreduce", "run", "--max-w") == ["--max-wall"]
    assert set(complete("gafreduce", "run", "--scope", "")) == {"full", "target"}


def test_the_manual_has_every_command_and_option(gafreduce: Command) -> None:
    code, page, errors = gafreduce("manual")
    assert (code, errors) == (0, "")
    assert page.startswith(".TH GAFREDUCE")
    shown = page.replace("\\-", "-")
    assert all(f"gafreduce {command.name}" in shown for command in COMMANDS)
    assert [name for name in list_options() - {"--help"} if name not in shown] == []
