"""Run test suites of the product by Windows' Python: formats, ontology, tables and golden tables."""

from __future__ import annotations

import re

from wine_windows.results import Checks
from wine_windows.wine import Windows

_SUITES = ("tests/jobs/formats", "tests/ontology", "tests/reports/tables", "tests/test_golden.py")
#: Tests that cannot pass under Wine, or on Windows at all, each with the reason.
_NOT_THERE = {
    f"tests/ontology/{test}": reason
    for test, reason in {
        "test_cache.py::test_what_others_can_write_to_is_not_believed": "files have no mode",
        "test_cache.py::test_what_belongs_to_another_user_is_not_believed": "users have no number",
        "test_cache.py::test_links_and_pipes_are_not_followed": "no pipe in a folder",
        "test_obo_text.py::test_a_pipe_is_refused": "no pipe in a folder",
    }.items()
}
_PYTEST = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"


def check_suites(checks: Checks, windows: Windows) -> None:
    """Check that all tests pass but those that are listed, which are not run.

    The package is the installed one: pytest is started so that the checkout is not on the path.
    """
    options = [f"--deselect={test}" for test in _NOT_THERE]
    done = windows.run(
        *(
            "-P",
            "-c",
            _PYTEST,
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "timeout=0",
            "--tb=short",
            *options,
            *_SUITES,
        ),
        folder=checks.root,
        # files in the checkout are those of this system's Python
        more={"PYTHONDONTWRITEBYTECODE": "1", "CI": "1"},
    )
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, text[-8000:]
    (summary,) = re.findall(r"^(\d+ passed.*) in ", text, re.MULTILINE)
    checks.note(f"{windows.name}, tests: {summary}, {len(_NOT_THERE)} not for Windows")
