"""All checks of gafreduce under Windows' Python."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from wine_windows import commands, founding, places, suites, wheel, wine
from wine_windows.results import Checks
from wine_windows.wine import Windows, name_path


def check_all(root: Path, *, is_quick: bool) -> None:
    """Run all checks, or those for CI.

    Raises:
        AssertionError: gafreduce does another thing under Windows.
    """
    with tempfile.TemporaryDirectory(prefix="gafreduce-windows-") as name:
        scratch = Path(name)
        checks = Checks(root, scratch)
        wheels = wheel.build_wheels(root, scratch / "wheels")
        checks.note("wheels built")
        with wine.start_wine(scratch):
            _check_systems(checks, wheels, is_quick=is_quick)
        checks.note("Wine ended")


def _check_systems(checks: Checks, wheels: dict[str, Path], *, is_quick: bool) -> None:
    """Check Pythons in two threads: one has the commands, and its Python waits for its children."""
    options = (str(checks.samples), "--ontology", str(checks.ontology))
    here = {
        "report": checks.run_here("samples", *options),
        "tables": checks.run_here("tables", *options, "--no-report"),
    }
    first = Windows("3.11", wheels["C"], checks.scratch)
    others = [Windows("3.13", wheels["Python"], checks.scratch)]
    if not is_quick:
        others += [
            Windows("3.11", wheels["Python"], checks.scratch),
            Windows("3.13", wheels["C"], checks.scratch),
        ]
    with ThreadPoolExecutor() as threads:
        tasks = [threads.submit(_check_first, checks, first, here, is_quick=is_quick)]
        tasks.append(threads.submit(_check_others, checks, others, here, is_quick=is_quick))
        for task in as_completed(tasks):
            task.result()


def _check_first(
    checks: Checks, windows: Windows, here: dict[str, Path], *, is_quick: bool
) -> None:
    _check_runs(checks, windows, here, has_report=True)
    commands.check_commands(checks, windows, checks.scratch / f"inline-{windows.name}")
    places.check_places(checks, windows, checks.scratch / f"local-{windows.name}")
    if not is_quick:
        founding.check_founding(checks, windows)
        suites.check_suites(checks, windows, suites.SUITES[1])


def _check_others(
    checks: Checks, others: Sequence[Windows], here: dict[str, Path], *, is_quick: bool
) -> None:
    for windows in others:
        _check_runs(checks, windows, here, has_report=not is_quick)  # it takes half of the time
    if not is_quick:
        suites.check_suites(checks, others[0], suites.SUITES[0])


def _check_runs(
    checks: Checks, windows: Windows, here: dict[str, Path], *, has_report: bool
) -> None:
    """Check a run by each runner of this machine."""
    code = "from gafreduce.jobs.native import loader; print(loader.has_extension())"
    done = windows.run("-c", code, folder=checks.scratch)
    assert done.stdout.split() == [str(windows.has_extension).encode()], done
    inputs = (name_path(checks.samples), "--ontology", name_path(checks.ontology))
    for runner, expected, options in (
        ("inline", "report" if has_report else "tables", ()),
        ("local", "tables", ("--cores", "2")),
    ):
        out = checks.scratch / f"{runner}-{windows.name}"
        if expected == "tables":
            options = (*options, "--no-report")
        windows.gafreduce(
            "run", *inputs, "-r", runner, *options, "-o", name_path(out), folder=checks.scratch
        )
        n_tables = checks.compare(here[expected], out)
        checks.note(f"{windows.name}, {runner}: {n_tables} tables have the bytes of this system")
