"""Write docs/command-line.md from the parser: `make docs`."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from gafreduce.cli.main import parser
from gafreduce.errors import EXIT_CODES

BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"
WIDTH = 118


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, in the order of the help."""
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def summaries() -> dict[str, str]:
    """Return the one-line help of each command."""
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return {choice.dest: choice.help or "" for choice in action._choices_actions}


def escape(text: str) -> str:
    """Return text with the characters escaped that Markdown would interpret."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([<>*_\[\]])", r"\\\1", part) for part in parts
    )


def heading(action: argparse.Action) -> str:
    """Return an argument as a user types it."""
    value = ""
    if action.nargs != 0:
        choices = ",".join(map(str, action.choices)) if action.choices else ""
        metavar = action.metavar or (f"{{{choices}}}" if choices else action.dest.upper())
        value = metavar if isinstance(metavar, str) else " ".join(metavar)
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(
        f"`{name} {value}`" if value else f"`{name}`" for name in action.option_strings
    )


def items(command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the groups of arguments of a command, each as Markdown."""
    formatter = command._get_formatter()
    for group in command._action_groups:
        actions = [a for a in group._group_actions if a.help != argparse.SUPPRESS]
        actions = [a for a in actions if not isinstance(a, argparse._HelpAction)]
        if not actions:
            continue
        title = group.title or ""
        lines = [f"### {title[:1].upper()}{title[1:]}", ""]
        if group.description:
            lines += [textwrap.fill(escape(group.description), WIDTH), ""]
        for action in actions:
            text = escape(" ".join(formatter._expand_help(action).split()))
            lines.append(
                textwrap.fill(
                    f"- {heading(action)}: {text}",
                    WIDTH,
                    subsequent_indent="  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
        yield "\n".join(lines)


def reference() -> str:
    """Return all commands as Markdown."""
    lines = [
        textwrap.fill(
            f"- [{name}](#gafreduce-{name}): {escape(text)}", WIDTH, subsequent_indent="  "
        )
        for name, text in summaries().items()
    ]
    parts = ["\n".join(lines)]
    for name, command in commands().items():
        parts.append(f"## gafreduce {name}")
        parts.append(textwrap.fill(escape(command.description or ""), WIDTH))
        parts += items(command)
        examples = (command.epilog or "").partition("exit codes:")[0].strip()
        if examples:
            parts.append(f"```text\n{examples}\n```")
    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    parts.append("## Exit codes")
    parts.append("\n".join(["| code | meaning |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def with_tables(text: str) -> str:
    """Return the page with the reference made again."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("command-line.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
