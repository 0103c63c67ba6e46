"""Text in UTF-16 and lines ended by CR: what spreadsheets write."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from gafreduce.errors import InputError
from gafreduce.execution.staging import check_readable_on_cluster
from gafreduce.inputs.download import local_inputs
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.jobs.formats import detection
from gafreduce.jobs.formats.base import FormatError
from gafreduce.storage.resolve import StorageResolver

Command = Callable[..., tuple[int, str, str]]
LINE = "UniProtKB\tP1\tx\tinvolved_in\tGO:0030420\tPMID:1\tIDA\t\tP\tcafé\t\tprotein\ttaxon:1423"
TEXT = f"!gaf-version: 2.2\n{LINE}\t20240101\tUniProt\t\t\n" * 3000


def list_file(path: Path, scratch: Path) -> ListedInput:
    (found,) = list_inputs(InputRequest((str(path),)), StorageResolver(), scratch).inputs
    return found


def read_converted(path: Path, scratch: Path) -> bytes:
    found = list_file(path, scratch)
    assert (found.format, found.layout) == ("gaf", "2.2")
    with local_inputs([found], StorageResolver(), scratch, lambda done, total: None) as (local,):
        assert local.compression == "plain"
        assert local.bytes == Path(local.uri).stat().st_size
        assert len(local.sha256) == 64
        return Path(local.uri).read_bytes()


@pytest.mark.parametrize(
    "stored",
    [
        TEXT.encode("utf-16"),  # with a byte order mark
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        TEXT.replace("\n", "\r").encode("utf-16"),
        TEXT.replace("\n", "\r").encode(),
        gzip.compress(TEXT.encode("utf-16")),
        gzip.compress(TEXT.replace("\n", "\r").encode()),
    ],
    ids=["utf-16", "big-endian", "excel", "utf-16-cr", "mac", "utf-16-gzip", "mac-gzip"],
)
def test_text_is_converted(stored: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(stored)
    assert read_converted(path, tmp_path).replace(b"\r\n", b"\n") == TEXT.encode()


def test_text_in_utf_8_is_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_text(TEXT.replace("\n", "\r\n"))
    assert list_file(path, tmp_path).encoding == ""


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (TEXT.encode("utf-16")[:-1], "expected text in UTF-16, as its first bytes say, got damage"),
        (TEXT.replace("\n", "\r").encode() + b"a\nb", "expected lines ended by CR, as its first"),
        (zstd.compress(TEXT.encode("utf-16")), "got zstd with text in UTF-16 (unpack it, zstd -d,"),
    ],
    ids=["damaged", "mixed", "zstd"],
)
def test_what_cannot_be_converted_is_an_error(stored: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(stored)
    with pytest.raises(InputError) as caught:
        read_converted(path, tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("stored", "encoding"),
    [
        (TEXT.encode("utf-16-le"), "UTF-16LE"),  # without a mark it is not certain
        (TEXT.encode("utf-16-be"), "UTF-16BE"),
        (TEXT.encode("utf-32"), "UTF-32"),
    ],
)
def test_other_encodings_are_named_with_the_command(
    stored: bytes, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(stored)
    with pytest.raises(FormatError, match=rf"text in {encoding} \(convert it: iconv -f {encoding}"):
        list_file(path, tmp_path)


def test_a_job_that_is_run_directly_names_the_command() -> None:
    with pytest.raises(FormatError, match="iconv -f UTF-16 -t UTF-8 OLD > NEW"):
        detection.sniff(TEXT.encode("utf-16")[:65536], "x")


def test_equal_lines_in_two_encodings_count_twice_and_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gaf").write_text(TEXT)
    (tmp_path / "b.gaf").write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(InputError, match="got the same content"):
        list_inputs(InputRequest((str(tmp_path),)), StorageResolver(), tmp_path)


def test_a_cluster_refuses_it_with_the_command(tmp_path: Path) -> None:
    path = tmp_path / "x.gaf"
    path.write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(InputError, match=r"text in UTF-16 \(convert it: iconv"):
        check_readable_on_cluster([list_file(path, tmp_path)])


def test_a_run_reads_a_spreadsheet_and_records_the_header(
    gafreduce: Command, samples: Path, tmp_path: Path
) -> None:
    header = "!gaf-version: 2.2\n!date-generated: 2026-03-18\n"
    path = tmp_path / "x.txt"
    path.write_bytes((header + LINE + "\t20240101\tUniProt\t\t\n").encode("utf-16"))
    output = tmp_path / "run"
    ontology = samples / "go-samples.obo"
    code, _, errors = gafreduce("run", path, "--ontology", ontology, "-o", output, "--no-report")
    assert (code, errors) == (0, "")
    (recorded,) = json.loads((output / "run.json").read_text())["inputs"]
    assert recorded["header"] == {"date_generated": "2026-03-18"}
    assert recorded["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "caf\u00e9" in (output / "tables" / "annotations.tsv").read_text()
