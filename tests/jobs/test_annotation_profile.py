"""The job itself: same bytes whatever the runner, the splits, the order of lines, the compression."""

from __future__ import annotations

import bz2
import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mrjob.job import MRJob
from mrjob.step import StepFailedException
from small_terms import make_competence_terms

from gafreduce.errors import InputError
from gafreduce.jobs.annotation_profile import MRAnnotationProfile
from gafreduce.jobs.files import input_list, sorting, splits
from gafreduce.jobs.files.compression import find_compression
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.native import loader
from gafreduce.jobs.runners import local
from gafreduce.ontology import termfile

TERMS = make_competence_terms()


def line(taxon: int, product: int, go_id: str, code: str = "IEA", relation: str = "") -> bytes:
    cells = f"DB\tP{product}\tsym{product}\t{relation}\t{go_id}\tREF:1\t{code}\t\tP\t\t\tprotein"
    return f"{cells}\ttaxon:{taxon}\t20200101\tX\t\t\n".encode()


GO_IDS = ("GO:0030420", "GO:0009294", "GO:0008150", "GO:0045808", "GO:7777777")


def many_lines(seed: int = 1, n_products: int = 60) -> list[bytes]:
    chance = random.Random(seed)
    return [
        line(taxon, product, chance.choice(GO_IDS), chance.choice(["IEA", "IDA"]), relation)
        for taxon in (1, 22)
        for product in range(n_products)
        for relation in chance.choices(["", "NOT", "involved_in"], k=3)
    ]


class Job:
    """Runs the job over files and gives back its output, sorted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._n_runs = 0
        self._term_file = folder / "terms.tsv"
        termfile.write(TERMS, self._term_file)

    def __call__(
        self, contents: list[bytes], runner: str = "inline", cores: int = 2, scope: str = "full"
    ) -> list[bytes]:
        self._n_runs += 1
        here = self._folder / str(self._n_runs)
        here.mkdir()
        paths = []
        for number, content in enumerate(contents):
            path = here / f"{number}.gaf"
            path.write_bytes(content)
            paths.append(path)
        listed = here / "inputs.tsv"
        input_list.write_input_list(
            [
                InputFile(
                    str(path), path.name, "gaf", find_compression(content[:4]), len(content), 0, ""
                )
                for path, content in zip(paths, contents, strict=True)
            ],
            listed,
        )
        out = here / "out"
        job = MRAnnotationProfile(
            [
                *("--runner", runner, "--no-conf", "--no-cat-output", "--scope", scope),
                *("--term-file", str(self._term_file), "--input-list", str(listed)),
                *("--output-dir", str(out), "--num-cores", str(cores)),
                *map(str, paths),
            ]
        )
        with job.make_runner() as made:
            made.run()
        found = b"".join(path.read_bytes() for path in sorted(out.glob("part-*")))
        return sorted(found.splitlines(keepends=True))


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have mrjob keep the files of a job that failed, as it does, in a folder of the test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def without_files(output: list[bytes]) -> list[bytes]:
    """Records that don't depend on how lines are spread over files."""
    return [record.replace(b"\t1.gaf\t", b"\t0.gaf\t") for record in output if record[:1] != b"F"]


@pytest.mark.parametrize("scope", ["full", "target"])
def test_runners_and_cores_give_the_same_bytes(
    job: Job, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "MIN_SPLIT_BYTES", 100)
    monkeypatch.setattr(splits.plan_tasks, "__defaults__", (100,))
    monkeypatch.setattr(splits, "_SHARE", 8)  # so that every file is cut
    contents = [b"".join(many_lines(1)), b"".join(many_lines(2))]
    golden = job(contents, "inline", scope=scope)
    assert {record[:1] for record in golden} >= {b"AFGOPT".decode()[i].encode() for i in range(6)}
    for cores in (1, 2, 7):
        assert job(contents, "local", cores, scope) == golden


def shuffled(content: bytes) -> list[bytes]:
    lines = content.splitlines(keepends=True)
    random.Random(3).shuffle(lines)
    return [b"".join(lines)]


def split_in_two(content: bytes) -> list[bytes]:
    half = content.index(b"\n", len(content) // 2) + 1
    return [content[:half], content[half:]]


def two_members(content: bytes) -> list[bytes]:
    return [gzip.compress(content[:1000]) + gzip.compress(content[1000:])]


@pytest.mark.parametrize(
    "change",
    [
        shuffled,
        split_in_two,
        two_members,
        lambda content: [gzip.compress(content)],
        lambda content: [bz2.compress(content)],
        lambda content: [b"\xef\xbb\xbf!gaf-version: 2.1\r\n" + content.replace(b"\n", b"\r\n")],
        lambda content: [content[:-1]],
    ],
    ids=["shuffled", "split", "two members", "gz", "bz2", "BOM and CRLF", "no last line end"],
)
def test_same_lines_give_the_same_numbers(job: Job, change: Callable[[bytes], list[bytes]]) -> None:
    content = b"".join(many_lines())
    assert without_files(job(change(content))) == without_files(job([content]))


@given(lines=st.lists(st.sampled_from(many_lines(5, 4)), max_size=25), data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_split_of_lines_gives_the_same_numbers(
    job: Job, lines: list[bytes], data: st.DataObject
) -> None:
    where = data.draw(st.lists(st.integers(0, 1), min_size=len(lines), max_size=len(lines)))
    parts = [
        b"".join(text for text, at in zip(lines, where, strict=True) if at == n) for n in (0, 1)
    ]
    whole = job([b"".join(lines) or b"!\n"])
    assert without_files(job([part or b"!\n" for part in parts])) == without_files(whole)


@pytest.mark.parametrize("runner", ["inline", "local"])
@pytest.mark.parametrize(
    "end", [slice(None, -5), slice(None, 30)], ids=["CRC cut off", "cut short"]
)
def test_damaged_input_fails_the_run_and_is_named(job: Job, runner: str, end: slice) -> None:
    content = gzip.compress(b"".join(many_lines()))[end]
    with pytest.raises(InputError, match=r"0\.gaf: expected a whole gzip file"):
        job([content], runner)


@pytest.mark.parametrize("runner", ["inline", "local"])
def test_existing_output_folder_is_refused(job: Job, tmp_path: Path, runner: str) -> None:
    (tmp_path / "1" / "out").mkdir(parents=True)
    (tmp_path / "1").rename(tmp_path / "kept")
    out = tmp_path / "kept" / "out"
    made = MRAnnotationProfile(
        ["--runner", runner, "--no-conf", "--output-dir", str(out), str(tmp_path / "terms.tsv")]
    )
    with (
        made.make_runner() as running,
        pytest.raises(InputError, match="expected a new output folder"),
    ):
        running.run()


def test_killed_task_fails_the_run(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        os.kill(os.getpid(), 9)

    monkeypatch.setattr(MRAnnotationProfile, "map_annotations", die)
    with pytest.raises(StepFailedException, match="ended by SIGKILL"):
        job([b"".join(many_lines())], "local")


def test_file_missing_from_the_input_list_fails_the_task(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_list, "read_input_list", lambda path: ())
    with pytest.raises(InputError, match="not in it"):
        job([b"".join(many_lines())])


def test_records_sorted_by_the_sort_program_are_the_same(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = [b"".join(many_lines())]
    golden = job(content)
    monkeypatch.setattr(sorting, "SORT_BYTES", 10)
    assert job(content, "local") == golden


def test_failed_sort_fails_the_run(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "SORT_BYTES", 10)
    monkeypatch.setattr(sorting, "find_program", lambda name: "/bin/false")
    with pytest.raises(OSError, match="sort failed"):
        job([b"".join(many_lines())])


@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=30),
    n_ranges=st.integers(1, 6),
)
def test_reducers_get_whole_keys(
    pairs: list[tuple[int, int]], n_ranges: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    records = sorted(b"%d\t%s\n" % (key, b"x" * size) for key, size in pairs)
    path = tmp_path_factory.mktemp("sorted") / "records"
    path.write_bytes(b"".join(records))
    content = path.read_bytes()
    pieces = [content[start:end] for start, end in local.split_by_key(str(path), n_ranges)]
    assert b"".join(pieces) == content
    keys = [{record.split(b"\t")[0] for record in piece.splitlines()} for piece in pieces]
    assert sum(map(len, keys)) == len(set().union(*keys))


@pytest.mark.parametrize(("runner", "n_shipped"), [("hadoop", 1), ("emr", 1), ("local", 0)])
def test_clusters_get_the_c_extension(runner: str, n_shipped: int) -> None:
    if not loader.has_extension():
        pytest.skip("needs the C extension")
    files = MRAnnotationProfile(["-r", runner, "--no-conf"])._runner_kwargs()["upload_files"]
    assert [path.partition("#")[2] for path in files] == [loader.SHIPPED_NAME] * n_shipped


def test_tasks_get_the_arguments_that_mrjob_would_give_them() -> None:
    job = MRAnnotationProfile(
        ["-r", "inline", "in", "--term-file=x", "--jobconf", "a=b", "--scope", "target", "-c", "y"]
    )
    own, every = job._non_option_kwargs(), MRJob._non_option_kwargs(job)
    assert own == every
    assert own["extra_args"][-2:] == ["--scope", "target"]
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for action in job.arg_parser._actions:
        is_passed_on = action.dest in job._passthru_arg_dests | job._file_arg_dests
        names[is_passed_on].update(each for each in action.option_strings if each[:2] == "--")
    # argparse takes the beginning of a name for the name
    assert not [each for each in names[True] if each.startswith(tuple(names[False]))]
