"""Run test suites of the product by Windows' Python: formats, ontology, tables and golden tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wine_windows.results import Checks
from wine_windows.wine import Windows

#: Half of the tests of the ontology by time: most of them start the Python that reads it.
_OF_SECOND = ("tests/ontology/test_cache.py", "tests/ontology/test_size.py")
#: In two parts that take about the same time.
SUITES = (
    _OF_SECOND,
    (
        *("tests/jobs/formats", "tests/reports/tables", "tests/test_golden.py", "tests/ontology"),
        *(f"--ignore={module}" for module in _OF_SECOND),
    ),
)
#: Tests that cannot pass under Wine, or on Windows at all, each with the reason.
_NOT_THERE = {
    f"tests/ontology/{test}": reason
    for test, reason in {
        "test_cache.py::test_what_others_can_write_to_is_not_believed": "files have no mode",
        "test_cache.py::test_what_belongs_to_another_user_is_not_believed": "users have no number",
        "test_cache.py::test_links_and_pipes_are_not_followed": "no pipe in a folder",
        "test_obo_text.py::test_a_pipe_is_refused": "no pipe in a folder",
        "test_cache.py::test_cached_files_are_the_users_own_whatever_the_umask_is": "no mode",
        "test_cache.py::test_the_cache_folder_of_the_user_follows_the_xdg_specification": (
            "the cache is in LOCALAPPDATA, unless XDG_CACHE_HOME names another folder"
        ),
        "test_cache.py::test_a_relative_home_is_none": "the home folder is not that of HOME",
    }.items()
}
_PYTEST = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"


def check_suites(checks: Checks, windows: Windows, suites: Sequence[str]) -> None:
    """Check that all tests of a part pass but those that are listed, which are not run.

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
            *suites,
        ),
        folder=checks.root,
        # files in the checkout are those of this system's Python
        # the product starts the Python that reads ontologies with UTF-8
        more={"PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "PYTHONUTF8": "1"},
    )
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, text[-8000:]
    (summary,) = re.findall(r"^(\d+ passed.*) in ", text, re.MULTILINE)
    named = [each for each in suites if not each.startswith("-")]
    checks.note(f"{windows.name}, {', '.join(named)}: {summary}")
