"""`gafreduce docs` lists and prints the pages of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.commands.program import docs

REPOSITORY = Path(__file__).parents[4]


@pytest.mark.parametrize("word", ["rules", "docs/rules.md", "docs/rules.md#repairs"])
def test_a_page_is_printed_by_the_name_that_messages_give(
    gafreduce: Callable[..., tuple[int, str, str]], word: str
) -> None:
    code, out, _ = gafreduce("docs", word)
    assert code == 0
    assert out == (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")


def test_all_pages_are_listed_with_their_titles(
    gafreduce: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, _ = gafreduce("docs")
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()} == {
        path.stem for path in (REPOSITORY / "docs").glob("*.md")
    }
    assert "own-files" in out
    assert "Use your own files" in out


def test_a_word_that_is_no_page_is_refused(gafreduce: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = gafreduce("docs", "rulez")
    assert code == 2
    assert "rulez: expected a page of the documentation" in err


def test_an_installation_finds_the_pages_among_its_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import gafreduce as package

    class File(type(Path())):  # type: ignore[misc]
        def locate(self) -> Path:
            return tmp_path / self

    installed = [
        File("../../../share/doc/gafreduce/rules.md"),
        File("gafreduce/samples/README.md"),
        File("gafreduce/docs.py"),
    ]
    monkeypatch.setattr(package, "__file__", str(tmp_path / "site" / "gafreduce" / "__init__.py"))
    monkeypatch.setattr("importlib.metadata.files", lambda name: installed)
    assert docs.find_pages() == {"rules": tmp_path / "../../../share/doc/gafreduce/rules.md"}
