"""The notebook of the documentation shows what its cells give."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

REPOSITORY = Path(__file__).parents[3]
NOTEBOOK = REPOSITORY / "docs" / "python.ipynb"


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run the statements of a cell, and return the value of its last expression."""
    *statements, last = ast.parse(source).body
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_the_notebook_shows_what_its_cells_give(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert str(REPOSITORY) not in text
    assert "/tmp/" not in text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    (tmp_path / "samples").symlink_to(samples)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        value = run_cell("".join(cell["source"]), names)
        (output,) = cell["outputs"]
        shown = "".join(output["data"]["text/plain"])
        if number == 0:  # the id of a run changes with the program
            assert shown.endswith("competence for transformation (GO:0030420)>")
            assert "electronic_only" in "".join(output["data"]["text/html"])
        else:
            with pd.option_context("display.max_columns", 20):  # as in Jupyter
                assert repr(value).split() == shown.split()
    assert len(cells) == 7
    assert "".join(cells[2]["outputs"][0]["data"]["text/plain"]) == "'electronic_only'"
