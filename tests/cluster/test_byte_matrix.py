"""The same tables, byte for byte, wherever a run is made: the excerpts and the five whole files.

Golden are the tables of gafreduce's inline runner over the same files. Small jobs run in their
ApplicationMaster (uber mode) but where a test is about containers. Four of these are part of
`make test-faults`, for the minutes that they take, and those marked as large are not run by CI.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from job_runs import Job, RunCommand, tables, tables_in_s3, tables_of
from minihadoop.cluster import Cluster
from minihadoop.configuration import MIB

from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.runners import script

GoldenTables = Callable[..., dict[str, bytes]]
Put = Callable[..., list[InputFile]]
IN_CONTAINERS = ("-D", "mapreduce.job.ubertask.enable=false")
MANY_IN_UBER = ("-D", "mapreduce.job.ubertask.maxmaps=32")
EXCERPTS, STRAINS, WHOLE = "excerpts", "strains", "whole"
REPORT = {"report": True}


@dataclass(frozen=True)
class Data:
    """Annotation files and the ontology to read them with."""

    name: str
    files: Sequence[InputFile]
    ontology: Path
    sheet: str = ""  # a sample sheet, which names the files; it is one of them
    more: tuple[str, ...] = ()  # options

    @property
    def paths(self) -> list[str]:
        return [self.sheet] if self.sheet else [file.uri for file in self.files]


LARGE = pytest.mark.large
BOTH = (EXCERPTS, pytest.param(WHOLE, marks=LARGE))
# A quicker test differs from these in the data, or in the number of reducers.
COSTLY = pytest.mark.faults


@pytest.fixture(params=BOTH)
def data(request: pytest.FixtureRequest, whole_go: Path) -> Data:
    found = request.getfixturevalue(request.param)
    return found if isinstance(found, Data) else Data(request.param, found, whole_go)


@pytest.fixture(scope="session")
def strains(
    excerpts: list[InputFile], whole_go: Path, tmp_path_factory: pytest.TempPathFactory
) -> Data:
    """Return the excerpts with two samples of one taxon, taxa, and a sample of two files.

    The second file of the sample names its gene products otherwise; an id map joins them.
    """
    folder = tmp_path_factory.mktemp("strains")
    texts = [Path(file.uri).read_text() for file in excerpts]
    names = [Path(file.uri).name for file in excerpts]
    taxa = [re.findall(r"\ttaxon:(\d+)", text)[0] for text in texts]
    texts[1] = texts[1].replace(f"taxon:{taxa[1]}", f"taxon:{taxa[0]}")
    products = sorted(set(re.findall(r"^UniProtKB\t(\w+)", texts[0], re.MULTILINE)))
    predicted = (f"gene_{n}\tGO:0030420\n" for n in range(0, len(products), 3))
    rows = [f"{name}\t\t\n" for name in names[2:]]
    rows += [f"{names[0]}\tK-1\t{taxa[0]}\n", f"{names[1]}\tK-2\t{taxa[0]}\n"]
    rows += [f"more.tsv\tK-1\t{taxa[0]}\n"]
    texts += ["".join(predicted), "".join(["path\tsample\ttaxon_id\n", *rows])]
    for name, text in zip([*names, "more.tsv", "inputs.tsv"], texts, strict=True):
        (folder / name).write_text(text)
    ids = tmp_path_factory.mktemp("ids") / "ids.csv"
    ids.write_text("".join(f"{product},gene_{n}\n" for n, product in enumerate(products)))
    files = [InputFile(str(path), path.name, "", "", 0) for path in sorted(folder.iterdir())]
    sheet = str(folder / "inputs.tsv")
    return Data(STRAINS, files, whole_go, sheet, ("--id-map", str(ids)))


@pytest.fixture(scope="session")
def all_plain(whole: list[InputFile], tmp_path_factory: pytest.TempPathFactory) -> list[InputFile]:
    """The five whole files as plain text, which Hadoop splits: 18 splits of 1 MiB."""
    folder = tmp_path_factory.mktemp("all-plain")
    for file in whole:
        text = gzip.decompress(Path(file.uri).read_bytes())
        (folder / Path(file.uri).stem).write_bytes(text)
    return script.describe_inputs([str(folder / "*.gaf")])


@pytest.fixture
def splittable(data: Data, request: pytest.FixtureRequest) -> Data:
    """Return the same as plain text."""
    if data.name == EXCERPTS:
        return data
    return Data(data.name, request.getfixturevalue("all_plain"), data.ontology)


def test_local_equals_inline(
    data: Data, gafreduce: RunCommand, golden_tables: GoldenTables, tmp_path: Path
) -> None:
    how = {"ontology": data.ontology, **REPORT}
    done = gafreduce("local", *data.paths, output=tmp_path / "run", **how)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "run") == golden_tables(*data.paths, **how)


@pytest.mark.parametrize("data", [STRAINS, pytest.param(WHOLE, marks=LARGE)], indirect=["data"])
def test_hadoop_from_local_files_equals_inline(
    data: Data, gafreduce: RunCommand, cluster: Cluster, golden_tables: GoldenTables, tmp_path: Path
) -> None:
    """Samples and an id map; the whole files in containers."""
    how = {"ontology": data.ontology, **REPORT}
    is_uber = data.name == STRAINS
    done = gafreduce(
        *("hadoop", *data.paths),
        output=tmp_path / "run",
        uber=is_uber,
        more=data.more if is_uber else IN_CONTAINERS,
        **how,
    )
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "run") == golden_tables(*data.paths, more=data.more, **how)


@pytest.mark.parametrize(
    ("data", "n_reducers"),
    [
        *(pytest.param(name, 1, marks=LARGE) for name in (EXCERPTS, WHOLE)),
        (EXCERPTS, 3),
        pytest.param(WHOLE, 3, marks=COSTLY),
        pytest.param(EXCERPTS, 8, marks=LARGE),
        pytest.param(WHOLE, 8, marks=COSTLY),
    ],
    indirect=["data"],
)
def test_hadoop_from_hdfs_equals_inline(
    splittable: Data,
    gafreduce: RunCommand,
    cluster: Cluster,
    golden_tables: GoldenTables,
    put: Put,
    tmp_path: Path,
    n_reducers: int,
) -> None:
    """In blocks, so splits, of 1 MiB; several reducers run in containers."""
    name = f"{tmp_path.parent.name}-{tmp_path.name}"
    there = put(splittable.files, name)
    done = gafreduce(
        *("hadoop", *(file.uri for file in there)),
        output=tmp_path / "run",
        ontology=splittable.ontology,
        uber=n_reducers == 1,
        more=(
            *("-D", f"mapreduce.job.reduces={n_reducers}", "-D", f"mapreduce.job.name={name}"),
            *MANY_IN_UBER,
        ),
    )
    assert done.returncode == 0, done.stderr
    made = tables(tmp_path / "run")
    assert made == golden_tables(*splittable.paths, ontology=splittable.ontology)
    one, other = cluster.history(name)
    n_splits = sum(-(-file.bytes // MIB) for file in splittable.files)
    assert (one.n_maps, one.n_reduces, other.n_reduces) == (n_splits, n_reducers, n_reducers)


@pytest.mark.parametrize(
    ("data", "runner"),
    [
        *(pytest.param(STRAINS, runner, marks=LARGE) for runner in ("hadoop", "emr")),
        *(pytest.param(WHOLE, runner, marks=COSTLY) for runner in ("hadoop", "emr")),
    ],
    indirect=["data"],
)
def test_from_s3_to_s3_equals_inline(
    data: Data,
    gafreduce: RunCommand,
    golden_tables: GoldenTables,
    s3: Any,
    bucket: Callable[[str], str],
    runner: str,
) -> None:
    """On Hadoop through S3A; on EMR with the very arguments of the steps that mrjob submitted."""
    for file in data.files:
        key = f"{data.name}/{Path(file.uri).name}"
        s3.upload_file(file.uri, bucket("annotations"), key)
    how = {"ontology": data.ontology, "more": data.more, **REPORT}
    place = f"results/matrix-{data.name}-{runner}/"
    done = gafreduce(
        *(runner, f"s3://annotations/{data.name}/"), output=f"s3://results/{place}", **how
    )
    assert done.returncode == 0, done.stderr
    assert tables_in_s3(s3, "results", place) == golden_tables(*data.paths, **how)


@pytest.mark.parametrize("data", [EXCERPTS, pytest.param(WHOLE, marks=COSTLY)], indirect=["data"])
def test_script_started_by_hand_equals_gafreduce_run(
    data: Data, job: Job, golden_tables: GoldenTables, put: Put, tmp_path: Path
) -> None:
    """The tables that are made of its records."""
    done = job.attempt("hadoop", put(data.files, f"by-hand-{data.name}"))
    assert done.returncode == 0, done.stderr
    made = tables_of(done.stdout.encode(), data.files, job.term_file, tmp_path / "by-hand")
    assert made == golden_tables(*data.paths, ontology=data.ontology)
