from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gafreduce.ontology import termfile
from gafreduce.ontology.build import build_term_file
from gafreduce.ontology.termfile import TermFile, TermFileError


@pytest.fixture(scope="session")
def terms(obo: Path) -> TermFile:
    return build_term_file(obo, "GO:0000003", ["is_a", "part_of"]).terms


@pytest.fixture(scope="session")
def content(terms: TermFile, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("terms") / "x.terms"
    termfile.write(terms, path)
    return path.read_bytes()


def test_a_term_file_survives_writing_and_reading(
    terms: TermFile, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "x.terms"
    path.write_bytes(content)
    assert termfile.read(path) == terms


def test_a_term_file_cut_anywhere_is_an_error(content: bytes) -> None:
    whole = content.rindex(b"\nend\t") + len(b"\nend\t22")
    assert content[:whole] + b"\n" == content
    for end in range(whole):
        with pytest.raises(TermFileError, match=r"x\.terms: expected "):
            termfile.parse(content[:end], Path("x.terms"))


@given(st.binary())
def test_any_other_content_is_an_error(found: bytes) -> None:
    with pytest.raises(TermFileError):
        termfile.parse(found, Path("x.terms"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"gafreduce-terms/3", b"gafreduce-terms/0"),
        (b"end\t22", b"end\t21"),
        (b"aspects\tP", b"aspects\t"),
        (b"\tcore\t", b"\t"),
        (b"negating\t0", b"negating\tx"),
        (b"repairs\tGO:0000020>", b"repairs\tGO:0000020"),
        (b"names\tterm 1\t", b"names\t"),
        (b"target\tGO", b"targe\tGO"),
        (b"term 1", b"term \xff"),
        (b"regulates\t", b"regulates\t1>x "),
        (b"\nend", b"\nmark\tno tab\nend"),
    ],
)
def test_a_damaged_term_file_is_an_error(content: bytes, old: bytes, new: bytes) -> None:
    assert old in content
    with pytest.raises(TermFileError):
        termfile.parse(content.replace(old, new), Path("x.terms"))
