"""Where inputs and outputs of gafreduce may be under Windows: paths of all kinds, S3 and the web."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from wine_windows.commands import start
from wine_windows.results import Checks, list_differing
from wine_windows.wine import Windows, name_path

_SUBTILIS, _COLI = "Bacillus_subtilis_168-224308.gaf", "Escherichia_coli_K_12-83333.gaf"
#: Opens a file as Excel does, so that nobody can write, rename or remove it.
_HOLDER = """
import sys, time
from pathlib import Path
from gafreduce.system import file_handle

file_handle.open_handle(Path(sys.argv[1]), is_shared=False)
print("held", flush=True)
time.sleep(1e6)  # until it is killed
"""


def check_places(checks: Checks, windows: Windows, run: Path) -> None:
    """Check runs whose inputs and outputs are in other places.

    Args:
        checks: Notes what was done.
        windows: The Python.
        run: A run folder of the samples that it made, without a report.
    """
    _check_paths(checks, windows)
    checks.note("paths: other scripts, drives, a server, 300 characters, other case, CRLF")
    _check_open_files(checks, windows, run)
    checks.note("files that another program has open")
    _check_services(checks, windows)
    checks.note("S3, downloads and a study")


def _check_paths(checks: Checks, windows: Windows) -> None:
    r"""Check one run whose sheet names each file in another way.

    The server of `\\server\share` is a folder: Wine looks servers up in `dosdevices/unc`.
    """
    inputs = checks.scratch / "two words Ж"
    long = inputs / "/".join(letter * 100 for letter in "xyz")
    share = checks.scratch / "prefix" / "dosdevices" / "unc" / "server" / "share"
    for folder in (inputs / "below", long, share):
        folder.mkdir(parents=True)
    files = {each.name: each for each in checks.samples.glob("*.gaf")}
    shutil.copy(files.pop(_SUBTILIS), inputs / "below" / "ЖЮЩ.gaf")
    coli = name_path(files.pop(_COLI))
    third, fourth, fifth, *_ = sorted(files.values())
    shutil.copy(third, share / "third.gaf")
    shutil.copy(fourth, long / "Fourth.gaf")
    shutil.copy(fifth, inputs / "below" / "fifth.gaf")
    named = [
        ("below\\ЖЮЩ.gaf", "224308\tЖЮЩ Ψ"),
        (coli.upper().replace("Z:\\", "z:/"), "83333\tE. coli"),  # in other case
        ("\\\\server\\share\\third.gaf", "\tthird"),
        (f"{name_path(long)}\\fourth.GAF", "\tfourth"),
        ("below/fifth.gaf", "\tfifth"),
    ]
    rows = "".join(f"{path}\t{cells}\r\n" for path, cells in named)
    (inputs / "inputs.tsv").write_text(f"path\ttaxon_id\torganism\r\n{rows}", "utf-8", newline="")
    out = checks.scratch / "Out Ж" / ("o" * 100) / ("p" * 100) / ("q" * 60)
    options = ("--ontology", name_path(checks.ontology), "--no-report", "-o")
    printed = windows.gafreduce(
        "run", name_path(inputs), *options, name_path(out), folder=checks.scratch
    )
    assert "ЖЮЩ Ψ".encode() in printed
    listed = (out / "tables" / "inputs.tsv").read_text("utf-8")
    assert "\\" not in listed
    names = sorted(row.partition("\t")[0] for row in listed.splitlines()[1:])
    coli_name = _COLI.upper()
    assert names == [coli_name, "fifth.gaf", "fourth.GAF", "third.gaf", "ЖЮЩ.gaf"], listed
    again = ("run", name_path(inputs), *options, name_path(out.parent / out.name.upper()))
    share_out = "\\\\server\\share\\run"
    one = ("run", "\\\\?\\" + coli, *options, share_out)
    for answer in windows.batch(again, one, folder=checks.scratch):
        assert answer.code == 0, answer
    assert (share / "run" / "MANIFEST.tsv").exists()
    assert len(list(out.parent.iterdir())) == 1


def _check_open_files(checks: Checks, windows: Windows, run: Path) -> None:
    """Check that open files give a sentence, and that nothing changes."""
    subtilis = checks.samples / _SUBTILIS
    held = checks.scratch / "held.gaf"
    shutil.copy(subtilis, held)
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    options = ("--ontology", name_path(checks.ontology), "--no-report", "-o")
    commands = [
        ("run", name_path(subtilis), *options, name_path(run), "--force"),
        ("run", name_path(held), *options, name_path(checks.scratch / "of held")),
    ]
    with (
        _held(windows, run / "tables" / "organisms.tsv"),
        _held(windows, held),
    ):
        replaced, read = windows.batch(*commands, folder=checks.scratch)
    assert replaced.code == 1, replaced
    assert "open in another program: organisms.tsv (close it there" in replaced.errors
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    assert read.code == 1, read
    assert "held.gaf: expected to read it, got Permission denied" in read.errors, read
    assert not (checks.scratch / "of held").exists()


@contextlib.contextmanager
def _held(windows: Windows, path: Path) -> Iterator[None]:
    with start(windows, "-c", _HOLDER, name_path(path), folder=path.parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        yield


def _check_services(checks: Checks, windows: Windows) -> None:
    """Check runs from S3 into S3, downloads of files, and a study, in one process."""
    options = ("--ontology", str(checks.ontology), "--no-report")
    terms = ("--term", "GO:0030420", "--term", "GO:0009294")
    study = checks.run_here("study", str(checks.samples), *options, *terms)
    there = ("--ontology", name_path(checks.ontology), "--no-report")
    s3_inputs = ("s3://data/in", "--ontology", "s3://data/go.obo", "--no-report")
    with _serve_s3() as (s3, variables), _serve_go(checks) as addresses:
        for path in (*checks.samples.glob("*.gaf"), checks.samples / "inputs.tsv"):
            s3.upload_file(str(path), "data", f"in/{path.name}")
        s3.upload_file(str(checks.ontology), "data", "go.obo")
        commands = [
            ("run", *s3_inputs, "-o", "s3://data/run"),
            ("run", *s3_inputs, "-o", "s3://data/emr", "-r", "emr"),
            ("fetch", "ECOLI", "BACSU", "-o", "fetched"),
            ("run", "fetched", "--no-report", "-o", "of fetched"),
            ("run", name_path(checks.samples), *there, *terms, "-o", "study"),
        ]
        answers = windows.batch(*commands, folder=checks.scratch, more={**variables, **addresses})
        downloaded = checks.scratch / "from S3"
        for each in s3.list_objects_v2(Bucket="data", Prefix="run/").get("Contents", ()):
            path = downloaded / each["Key"].removeprefix("run/")
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file("data", each["Key"], str(path))
    for command, answer in zip(commands, answers, strict=True):
        assert (answer.code == 0) != ("emr" in command), f"{command}: {answer}"
    assert "mrjob.conf" in answers[1].errors, answers[1]
    differing = list_differing(checks.scratch / "here" / "tables", downloaded)
    assert not differing, differing
    checks.compare(study, checks.scratch / "study")
    organisms = (checks.scratch / "of fetched" / "tables" / "organisms.tsv").read_text("utf-8")
    assert "Escherichia coli" in organisms


@contextlib.contextmanager
def _serve_s3() -> Iterator[tuple[Any, dict[str, str]]]:
    """Serve S3 with an empty bucket `data`; give a client, and the variables for other ones."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it prints each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        client = boto3.client("s3", "us-east-1", endpoint_url=address, **keys)
        client.create_bucket(Bucket="data")
        variables = {name.upper(): value for name, value in keys.items()}
        yield (
            client,
            {
                **variables,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": address,
            },
        )
    finally:
        server.stop()


@contextlib.contextmanager
def _serve_go(checks: Checks) -> Iterator[dict[str, str]]:
    """Serve the samples as GO's releases and GOA's proteomes; give the variables with addresses."""
    sys.path.insert(0, str(checks.root / "tests" / "gafreduce" / "fetching"))
    import go_server

    with go_server.serve() as go:
        go.add_samples(checks.samples)
        yield {
            "GAFREDUCE_GO_CURRENT_URL": f"{go.address}/current",
            "GAFREDUCE_GO_RELEASE_URL": f"{go.address}/release/",
            "GAFREDUCE_GOA_URL": f"{go.address}/goa",
        }
