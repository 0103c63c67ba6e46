"""Read pytest's JUnit files.

results.py skipped FILE...   fail when a test was skipped that should run in CI
results.py count FILE...     print how many tests passed, failed and were skipped
"""

from __future__ import annotations

import shutil
import sys
from xml.etree import ElementTree

#: Reasons for which a test may be skipped in CI: the folder with the real files is not everywhere,
#: Datasette belongs to `make test-api`, and R cannot be installed everywhere (.ci/run tries).
ALLOWED = (
    "needs ../shared",
    "needs Datasette: make test-api",
    *(() if shutil.which("Rscript") else ("needs R",)),
)
KINDS = ("failure", "error", "skipped")


def list_skipped(paths: list[str]) -> int:
    """Print the tests that were skipped and should not have been; return 1 when there are any."""
    skipped = [
        f"{case.get('classname')}.{case.get('name')}: {found.get('message')}"
        for path in paths
        for case in ElementTree.parse(path).iter("testcase")
        for found in case.iter("skipped")
        if not (found.get("message") or "").startswith(ALLOWED)
    ]
    print("\n".join(skipped) or "no test was skipped that should run here")
    return 1 if skipped else 0


def count_results(paths: list[str]) -> int:
    """Print the numbers of results; a later file replaces the results of earlier ones."""
    results = {}
    seconds = 0.0
    for path in paths:
        for suite in ElementTree.parse(path).iter("testsuite"):
            seconds += float(suite.get("time") or 0)
            for case in suite.iter("testcase"):
                kinds = {found.tag for found in case}
                result = next((kind for kind in KINDS if kind in kinds), "passed")
                results[case.get("classname"), case.get("name")] = result
    passed, failed, errors, skipped = map(list(results.values()).count, ("passed", *KINDS))
    print(f"{passed} passed, {failed} failed, {errors} errors, {skipped} skipped in {seconds:.0f}s")
    return 0


if __name__ == "__main__":
    what, *files = sys.argv[1:]
    sys.exit({"skipped": list_skipped, "count": count_results}[what](files))
