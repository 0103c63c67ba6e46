"""A pytest plugin: after the tests it names each group that could not run, and how to enable it."""

from __future__ import annotations

from collections import Counter

import pytest

#: What a skip's reason begins with, what the group tests, and what enables it.
GROUPS = {
    "needs chromium": (
        "the page in a browser",
        "install Chromium (Debian: apt-get install chromium)",
    ),
    "needs ../shared": (
        "whole annotation files of the founding seven",
        "lay the project's data folder beside the checkout as ../shared",
    ),
    "needs the C extension": (
        "the C extension",
        "install a C compiler, then: touch pyproject.toml && make install",
    ),
    "needs Python": (
        "node code on other Pythons",
        "install that Python, e.g. by: pyenv install 3.9",
    ),
}
CLOUD = "runs started by events, in AWS's emulator: make test-cloud (Java, Maven, Go and root)"
CLUSTER = "Hadoop, S3 server and EMR control plane: make test-cluster (Java, Maven and Go)"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """List the groups of skipped tests, each with the one command that enables it."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reason = str(reason).removeprefix("Skipped: ")
        counts[next((group for group in GROUPS if reason.startswith(group)), reason)] += 1
    lines = [
        f"{GROUPS[group][0]}: {n} skipped ({group}). To run: {GROUPS[group][1]}"
        if group in GROUPS
        else f"{n} skipped: {group}"
        for group, n in sorted(counts.items())
    ]
    if not any("cluster" in argument for argument in config.args):
        lines.append(f"not part of this run: {CLUSTER}")
    if not any("cloud" in argument for argument in config.args):
        lines.append(f"not part of this run: {CLOUD}")
    terminalreporter.section("tests that did not run here")
    for line in lines:
        terminalreporter.write_line(line)
