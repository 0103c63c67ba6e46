"""Calls side by side: the same results in the same order as in turn, and the same error."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gafreduce.errors import InputError
from gafreduce.inputs import listing
from gafreduce.inputs.listing import list_inputs
from gafreduce.inputs.side_by_side import by_processes, by_threads
from gafreduce.storage import s3

LINE = "DB\tG{0}\ts\t\tGO:0008150\tR:1\tIEA\t\tP\tn\t\tprotein\ttaxon:562\t20200101\tDB\n"


def joined(number: int, text: str) -> str:
    if text == "slow":
        time.sleep(0.2)
    if text != text.lower():
        raise InputError(f"{number}: {text}")
    return f"{number}{text}"


@pytest.mark.parametrize("n_cases", [0, 1, 7, 100])
def test_results_come_in_order(n_cases: int, tmp_path: Path) -> None:
    texts = ["slow" if number == 3 else "x" for number in range(n_cases)]
    expected = list(map(joined, range(n_cases), texts))
    assert by_processes(joined, tmp_path, range(n_cases), texts) == expected
    assert by_threads(joined, 3, range(n_cases), texts) == expected
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("threads", [True, False])
def test_the_first_error_in_order_is_told(threads: bool, tmp_path: Path) -> None:
    call: Callable[..., list[str]] = partial(by_threads, joined, 2)
    if not threads:
        call = partial(by_processes, joined, tmp_path)
    with pytest.raises(InputError, match="2: FIRST"):
        call(range(40), ["x", "slow", "FIRST", *["x"] * 36, "LAST"])
    assert not list(tmp_path.iterdir())


def test_many_files_are_listed_as_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, scratch = tmp_path / "in", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    for number in range(30):
        (folder / f"{number}.gaf").write_text(LINE.format(number))

    def listed() -> listing.InputListing:
        return list_inputs([str(folder)], None, s3.Access(), scratch, taxon_id=7)

    few = listed()
    monkeypatch.setattr(listing, "_MANY_FILES", 2)
    assert listed() == few
    assert [each.taxon_id for each in few.inputs] == [7] * 30
    assert not list(scratch.iterdir())
    for name in ("11", "29"):
        (folder / f"{name}.gaf").write_text("no annotation\n")
    with pytest.raises(InputError, match=r"11\.gaf: expected annotation lines"):
        listed()
