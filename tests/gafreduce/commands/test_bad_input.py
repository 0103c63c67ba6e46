"""Bad input: one line that names the file and says what to do, exit 1, and nothing left behind."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from gafreduce.inputs.zstd import zstd

Command = Callable[..., tuple[int, str, str]]

LINE = b"DB\tP1\tsym\t\tGO:0030420\tREF:1\tIEA\t\tP\tname\t\tprotein\ttaxon:1\t20200101\tX\t\t\n"


@pytest.fixture
def refuse(
    gafreduce: Command,
    samples: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., str]:
    """Run over files that must be refused; gives the error."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def run(*inputs: object, runner: str = "inline", more: tuple[str, ...] = ()) -> str:
        out = tmp_path / "out" / "run"
        code, output, errors = gafreduce(
            *("run", *inputs, "--ontology", samples / "go-samples.obo"),
            *("-r", runner, "-o", out, "--no-report", *more),
        )
        assert code == 1
        assert output == ""
        assert errors.startswith("gafreduce: ")
        n_lines = 5 if "nearest formats" in errors else 1
        assert errors.count("\n") == n_lines
        assert not out.parent.exists() or not list(out.parent.iterdir()), "nothing left behind"
        assert list(temporary.iterdir()) == []
        return errors

    return run


BAD_GZIP = {
    "cut short": (lambda data: gzip.compress(data)[:-20], "cut short"),
    "wrong checksum": (
        lambda data: gzip.compress(data)[:-5] + b"\0\0\0\0\0",
        "damaged data",
    ),
    "junk after": (lambda data: gzip.compress(data) + b"junk", "after the last member"),
}


@pytest.mark.parametrize("runner", ["inline", "local"])
@pytest.mark.parametrize("kind", BAD_GZIP)
def test_damaged_gzip_is_refused(
    refuse: Callable[..., str], tmp_path: Path, kind: str, runner: str
) -> None:
    damage, words = BAD_GZIP[kind]
    path = tmp_path / "bad.gaf.gz"
    path.write_bytes(damage(LINE * 20_000))
    good = tmp_path / "good.gaf"
    good.write_bytes(LINE.replace(b"P1", b"P2"))
    errors = refuse(good, path, runner=runner)
    assert "bad.gaf.gz: expected" in errors
    assert words in errors


@pytest.mark.parametrize("compress", [bz2.compress, zstd.compress, gzip.compress])
def test_a_file_truncated_before_its_first_line_is_refused(
    refuse: Callable[..., str], tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "cut.gaf"
    path.write_bytes(compress(LINE * 20)[:15])
    assert "damaged one (cut short" in refuse(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"\x7fELF\0\0\0\x01" * 100, "binary"),
        (b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>", "web page"),
        (b"just some words\nand more\n", "that no known format has"),
        (b"\n\n  \n", "empty file"),
    ],
    ids=["0 bytes", "binary", "web page", "prose", "blank"],
)
def test_files_without_annotations_are_refused(
    refuse: Callable[..., str], tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "odd.gaf"
    path.write_bytes(content)
    errors = refuse(path)
    assert "odd.gaf: expected" in errors
    assert words in errors


def test_missing_files_and_empty_folders_are_refused(
    refuse: Callable[..., str], tmp_path: Path
) -> None:
    assert "nowhere.gaf: expected an annotation file" in refuse(tmp_path / "nowhere.gaf")
    (tmp_path / "empty").mkdir()
    assert "empty: expected annotation files" in refuse(tmp_path / "empty")
    assert "*.gaf: expected an annotation file" in refuse(tmp_path / "*.gaf")
    assert "got an empty name" in refuse("")


def test_the_same_file_twice_is_refused(refuse: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(LINE)
    assert "expected each file once" in refuse(path, path)
    assert "expected each file once" in refuse(path, tmp_path)
    (tmp_path / "link.gaf").symlink_to(path)
    assert "expected each file once" in refuse(path, tmp_path / "link.gaf")
    (tmp_path / "link.gaf").unlink()
    (tmp_path / "copy.gaf").write_bytes(LINE)
    assert "same content as" in refuse(path, tmp_path / "copy.gaf")


def test_a_file_of_bad_lines_fails_with_an_example(
    refuse: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(LINE + b"bad line\n" * 11)
    errors = refuse(path)
    assert "x.gaf: expected at most 10 of 12 lines rejected, got 11" in errors
    assert "too_few_columns 11" in errors
    assert "'bad line'" in errors


def test_ten_rejected_lines_are_tolerated_unless_the_limit_is_zero(
    gafreduce: Command, refuse: Callable[..., str], samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(LINE + b"bad line\n" * 10)
    assert "got 10" in refuse(path, more=("--max-rejected", "0"))
    ontology = samples / "go-samples.obo"
    code, output, _ = gafreduce(
        "run", path, "--ontology", ontology, "-o", tmp_path / "kept", "--no-report"
    )
    assert code == 0
    assert "10 lines were rejected" in output
    rejections = (tmp_path / "kept" / "tables" / "rejections.tsv").read_text().splitlines()
    assert rejections[1:] == ["x.gaf\ttoo_few_columns\tGORULE:0000001\t10\tbad line\t\t"]


def test_a_file_with_only_rejected_lines_fails(refuse: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(LINE.replace(b"taxon:1", b"9606"))
    assert "got none that could be understood" in refuse(path)


def test_a_truncated_line_is_one_rejection(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(LINE * 2 + LINE[:40])
    code, output, _ = gafreduce(
        *("run", path, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "run"),
        "--no-report",
    )
    assert code == 0
    assert "1 line was rejected" in output


def test_plain_text_named_gz_is_read_as_text(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf.gz"
    path.write_bytes(LINE)
    code, _, errors = gafreduce(
        *("run", path, "--ontology", samples / "go-samples.obo", "-o", tmp_path / "run"),
        "--no-report",
    )
    assert (code, errors) == (0, "")
    inputs = (tmp_path / "run" / "tables" / "inputs.tsv").read_text().splitlines()
    assert inputs[1].startswith("x.gaf.gz\tgaf\tplain\t")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected an OBO file"),
        (b"<html>not found</html>", "expected an OBO file"),
        (gzip.compress(b"[Term]\nid: GO:0000001\n" * 999)[:-30], "expected a whole gzip file"),
        (
            b"[Term]\nid: GO:0000001\nname: a\nnamespace: biological_process\nis_a: GO:0000002\n",
            "got GO:0000002 as a parent of GO:0000001",
        ),
        (
            b"[Term]\nid: GO:0000001\nname: a\nnamespace: biological_process\nis_a: GO:0000002\n\n"
            b"[Term]\nid: GO:0000002\nname: b\nnamespace: biological_process\nis_a: GO:0000001\n",
            "got the cycle GO:0000001 -> GO:0000002 -> GO:0000001",
        ),
    ],
    ids=["empty", "web page", "cut short", "dangling", "cycle"],
)
def test_unusable_ontologies_are_refused(
    gafreduce: Command, samples: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "go.obo"
    path.write_bytes(content)
    code, output, errors = gafreduce(
        "run", samples, "--ontology", path, "-o", tmp_path / "run", "--no-report"
    )
    assert (code, output) == (1, "")
    assert "go.obo: " in errors
    assert words in errors
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("GO:9999999", "expected an id, an exact name or a synonym"),
        ("competence", "similar: "),
    ],
)
def test_unknown_terms_are_refused(
    gafreduce: Command, samples: Path, term: str, words: str
) -> None:
    code, _, errors = gafreduce("term-set", term, "--ontology", samples / "go-samples.obo")
    assert code == 1
    assert words in errors
