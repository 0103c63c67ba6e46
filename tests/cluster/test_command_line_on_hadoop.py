"""`gafreduce run` on the cluster: all tables, byte for byte those of the inline runner."""

import gzip
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from job_runs import SAMPLES, Command, Run, RunCommand, run_command, tables, tables_in_s3

Tables = dict[str, bytes]
GoldenTables = Callable[..., Tables]


def test_local_gives_the_golden_tables(
    gafreduce: RunCommand, golden_tables: GoldenTables, tmp_path: Path
) -> None:
    done = gafreduce("local", SAMPLES, output=tmp_path / "local", report=True)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "local") == golden_tables(SAMPLES, report=True)


def test_hadoop_gives_the_golden_tables_and_quarantine(
    gafreduce: RunCommand, tmp_path: Path
) -> None:
    """Both jobs in uber mode: the second reads the other lines that the statistics need.

    Refused lines of any bytes, and repaired ones, come through both shuffles.
    """
    bad = b"caf\xe9 short\n\xe2\x98\x83\t\t\n\x01\r\n"
    some = tmp_path / "some.gaf"
    some.write_bytes((SAMPLES / "Escherichia_coli_K_12-83333.gaf").read_bytes() + bad)
    others = [path for path in sorted(SAMPLES.glob("*.gaf")) if "coli" not in path.name]
    found = []
    for runner in ("inline", "hadoop"):
        folder = tmp_path / runner
        more = ("--quarantine", "--obsolete", "drop")
        done = gafreduce(runner, some, *others, output=folder, report=True, more=more)
        assert done.returncode == 0, done.stderr
        kept = (folder / "extras" / "quarantine").iterdir()
        found.append((tables(folder), {path.name: path.read_bytes() for path in kept}))
    assert found[0] == found[1]
    assert b"caf\xe9 short" in b"".join(map(gzip.decompress, found[1][1].values()))
    made = found[1][0]["components.tsv"]
    assert len(made.splitlines()) > 1  # of lines that only the second job brings


def test_hadoop_from_s3_to_s3_gives_the_golden_tables(
    gafreduce: RunCommand, golden_tables: GoldenTables, samples_in_s3: str, s3: Any
) -> None:
    done = gafreduce("hadoop", samples_in_s3, output="s3://results/results/hadoop-door/")
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", "results/hadoop-door/") == golden_tables(SAMPLES)


def test_emr_gives_the_golden_tables(
    gafreduce: RunCommand, golden_tables: GoldenTables, samples_in_s3: str, s3: Any
) -> None:
    done = gafreduce("emr", samples_in_s3, output="s3://results/results/emr-door/", report=True)
    assert done.returncode == 0, done.stderr
    made = tables_in_s3(s3, "results", "results/emr-door/")
    assert made == golden_tables(SAMPLES, report=True)
    assert s3.head_object(Bucket="results", Key="results/emr-door/report.html")["ContentLength"]


@pytest.mark.large
def test_hadoop_reads_gpad_with_the_gene_products_beside_it(
    gafreduce: RunCommand, golden_tables: GoldenTables, shared_data: Path, tmp_path: Path
) -> None:
    formats = shared_data / "formats"
    gpad = formats / "biopython_goa_yeast.gpa.59.gpa"
    gpi = formats / "biopython_gp_information.goa_yeast.28.gpi"
    more = ("--companion", str(gpi), "--taxon", "559292", "--term", "GO:0008150")
    done = gafreduce("hadoop", gpad, output=tmp_path / "hadoop", more=more)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "hadoop") == golden_tables(gpad, more=more)


def test_check_says_the_same_on_hadoop(run: Run, mrjob_conf: Path) -> None:
    said = [
        run(
            [
                *(sys.executable, "-W", "ignore", "-m", "gafreduce", "check", SAMPLES),
                *("--ontology", SAMPLES / "go-samples.obo", "--to", "tsv"),
                *("--runner", runner, "--conf", mrjob_conf),
            ],
            None,
        )
        for runner in ("inline", "hadoop")
    ]
    assert [done.returncode for done in said] == [0, 0], said[1].stderr
    assert said[0].stdout == said[1].stdout
    assert "process_and_regulation" in said[0].stdout


@pytest.mark.large
def test_tracking_address_of_each_application_is_shown_on_a_terminal(
    command: Command, mrjob_conf: Path, tmp_path: Path
) -> None:
    asked = run_command("hadoop", SAMPLES, output=tmp_path / "run", conf=mrjob_conf)
    on_terminal = (
        "import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    )
    done = command.run([sys.executable, "-c", on_terminal, *asked])
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.findall(r"see (http://\S+/proxy/application_\d+_\d+/?)", done.stdout)
    assert len(set(shown)) == 2, done.stdout  # one for each step


def test_gzip_without_its_suffix_is_refused_before_anything_starts(
    gafreduce: RunCommand, tmp_path: Path
) -> None:
    packed = gzip.compress((SAMPLES / "Bacillus_subtilis_168-224308.gaf").read_bytes())
    (tmp_path / "packed.gaf").write_bytes(packed)
    done = gafreduce("hadoop", tmp_path / "packed.gaf", output=tmp_path / "run")
    assert done.returncode == 1
    assert "packed.gaf" in done.stderr
    assert ".gz" in done.stderr
