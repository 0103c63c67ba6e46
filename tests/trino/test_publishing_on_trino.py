"""Trino, asked while a run is being published, sees the whole run or none of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
from minitrino import BUCKET, DATABASE, RUNS

from gafreduce.publishing.manifest import NAME as MANIFEST

Rows = list[tuple[Any, ...]]
Ask = Callable[..., Rows]
Call = Callable[..., str]
TABLES = ("organisms", "gene_products", "annotations", "terms", "profile")


def write_counts(prefix: str) -> str:
    """Return a query for the rows of tables that lie below a prefix."""
    counts = (
        f"""(SELECT count(*) FROM {table} WHERE "$path" LIKE '{RUNS}/{prefix}/%')"""
        for table in TABLES
    )
    return f"SELECT {', '.join(counts)}"


def write_joined(prefix: str) -> str:
    """Return a query for the annotations, with organism, of the runs of `runs`."""
    return (
        "SELECT count(*) FROM runs JOIN organisms ON organisms.run_id = runs.run_id "
        "JOIN annotations ON annotations.run_id = runs.run_id "
        "AND annotations.organism_id = organisms.organism_id "
        f"""WHERE runs."$path" LIKE '{RUNS}/{prefix}/%'"""
    )


def test_a_run_appears_as_a_whole(
    call: Call, trino: Ask, published: list[str], inputs: Any
) -> None:
    counts, joined = write_counts("third"), write_joined("third")
    seen: list[tuple[int, ...]] = []
    seen_joined: list[int] = []
    errors: list[Exception] = []
    ended = threading.Event()

    def ask_again_and_again() -> None:
        try:
            while True:
                is_last = ended.is_set()
                seen.append(trino(counts)[0])
                seen_joined.append(trino(joined)[0][0])
                if is_last:
                    return
        except Exception as error:
            errors.append(error)

    asking = threading.Thread(target=ask_again_and_again)
    asking.start()
    try:
        run = ("run", inputs.files[-1], "--ontology", inputs.ontology, "--no-report", "-q")
        call(*run, "-o", f"{RUNS}/third", "--catalog", DATABASE)
    finally:
        ended.set()
        asking.join()
    assert errors == []
    whole, whole_joined = seen[-1], seen_joined[-1]
    assert min(whole) > 0
    assert whole_joined == whole[TABLES.index("annotations")]
    for number, each in enumerate(zip(*seen, strict=True)):
        assert set(each) <= {0, whole[number]}
    assert set(seen_joined) == {0, whole_joined}  # none of it was seen, and then the whole


def test_a_run_without_its_manifest_is_in_no_table(
    call: Call, trino: Ask, published: list[str]
) -> None:
    """The objects of a run lie there, as in the middle of publishing or of a removal."""
    s3 = boto3.client("s3")
    key = f"runs/competence/{MANIFEST}"
    before = trino(write_counts("competence"))[0]
    assert min(before) > 0
    manifest = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.delete_object(Bucket=BUCKET, Key=key)
    call("catalog", RUNS, "--sync")
    assert trino(write_counts("competence"))[0] == (0,) * len(TABLES)
    assert trino(write_joined("competence")) == [(0,)]
    s3.put_object(Bucket=BUCKET, Key=key, Body=manifest)
    call("catalog", RUNS, "--sync")
    assert trino(write_counts("competence"))[0] == before
