"""The runs that are published below a prefix in S3, for the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gafreduce.errors import InputError
from gafreduce.publishing.open_run import parse_record
from gafreduce.publishing.run_folder import RECORD, parquet_path
from gafreduce.reports.tables.schema import ALL_TABLES
from gafreduce.storage import s3
from gafreduce.warehouse.glue_catalog import CatalogRun
from gafreduce.warehouse.sources import find_run_prefixes, list_keys

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def list_published_runs(client: S3Client, place: str) -> list[CatalogRun]:
    """Return the runs at or below a URI, each with the tables that it has.

    A run without a manifest is still being published, and is left out.

    Raises:
        InputError: Two folders hold the same run.
    """
    bucket, keys = list_keys(client, place)
    known = frozenset(keys)
    runs: dict[str, CatalogRun] = {}
    for prefix in find_run_prefixes(keys):
        body = s3.read_object(client, s3.Location(bucket, f"{prefix}{RECORD}"))
        record = parse_record(body)
        if record is None:
            continue
        address = f"s3://{bucket}/{prefix}".rstrip("/")
        run = CatalogRun(str(record["run_id"]), address, _find_tables(known, prefix))
        if run.run_id in runs:
            raise InputError(
                f"{run.address}: expected another run than {runs[run.run_id].address}, got the "
                f"same one, {run.run_id} (remove one of the two)"
            )
        runs[run.run_id] = run
    return list(runs.values())


def _find_tables(keys: frozenset[str], prefix: str) -> tuple[str, ...]:
    return tuple(name for name in ALL_TABLES if f"{prefix}{parquet_path(name)}" in keys)


def list_tables(names: Sequence[str]) -> tuple[str, ...]:
    """Return the tables whose Parquet files are among the files of a run folder.

    >>> list_tables(["parquet/terms/terms.parquet", "run.json"])
    ('terms',)
    """
    return tuple(table for table in ALL_TABLES if parquet_path(table) in names)
