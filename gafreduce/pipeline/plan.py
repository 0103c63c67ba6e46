"""What a run will do, known before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gafreduce.execution.job import JobOptions
from gafreduce.inputs.listed_input import InputListing
from gafreduce.jobs.model.filters import Filters
from gafreduce.ontology.cache import CachedTerms
from gafreduce.pipeline.report_process import MachineryFiles
from gafreduce.storage import s3


@dataclass(frozen=True)
class Request:
    """What is asked of the inputs, and how it is made."""

    command: tuple[str, ...]
    organisms: tuple[int, ...]
    names: Mapping[int, str]  # of --organism-names
    scope: str
    max_rejected: float
    max_wall: float  # seconds that a cluster may take
    job: JobOptions
    access: s3.Access
    options: Mapping[str, Any]  # what decides the numbers, as in run.json
    ontology: str  # path or URI
    machinery: MachineryFiles
    filters: Filters


@dataclass(frozen=True)
class Plan:
    """What a run will do, known before it is done."""

    run_id: str
    code: str  # version of the code that runs
    listing: InputListing
    terms: CachedTerms
    request: Request
