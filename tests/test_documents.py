from __future__ import annotations

import importlib.util
import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"


def test_the_tables_in_formats_are_those_of_the_code() -> None:
    spec = importlib.util.spec_from_file_location("make_formats", DOCS / "make_formats.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    assert module.with_tables(text) == text, "run `make docs`"


def test_every_reason_of_a_rejection_is_documented() -> None:
    sources = "".join(path.read_text() for path in (REPOSITORY / "jobs").glob("*.py"))
    reasons = set(re.findall(r'Rejection\(\s*"(\w+)"', sources))
    documented = set(
        re.findall(r"^\| (\w+) \| GORULE", (DOCS / "formats.md").read_text(), re.MULTILINE)
    )
    assert len(reasons) >= 7
    assert reasons <= documented


def test_links_between_documents_lead_somewhere() -> None:
    for path in [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
