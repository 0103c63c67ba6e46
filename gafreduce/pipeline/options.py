"""The options of a run: one object from the command line to the pipeline and into `run.json`.

An option is a field here and an argument in `gafreduce.commands.runs.run` (`gafreduce.cli.options`
if other commands have it too), both with the same name. A field with metadata decides the numbers
of a run, and is a part of the run id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.execution.time_limit import DEFAULT_SECONDS
from gafreduce.inputs.listing import InputRequest
from gafreduce.jobs.accounting.reconcile import DEFAULT_MAX_REJECTED
from gafreduce.jobs.files.file_version import find_version
from gafreduce.jobs.model.filters import NO_FILTERS, Filters
from gafreduce.ontology.termfile import DEFAULT_RELATIONS, DEFAULT_TERM
from gafreduce.publishing.run_folder import FIGURE_FORMATS, FIGURE_WIDTH
from gafreduce.redaction import redact
from gafreduce.storage.s3 import Access

#: Metadata of fields that decide the numbers of a run, by their value or by the file's content.
_VALUE = {"decides": "value"}
_CONTENT = {"decides": "content"}
#: The form of a subset's name; anything else is a path.
_SUBSET_NAME = re.compile(r"[A-Za-z]\w*")
#: Types of values by their names in annotations.
_KINDS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "None": type(None),
}


@dataclass(frozen=True)
class S3Options:
    """Access to S3."""

    endpoint_url: str | None = None
    profile: str | None = None
    sse_kms_key_id: str | None = None
    no_sign_request: bool = False

    def make_access(self, hadoop_conf: Path | None = None) -> Access:
        """Return the access to S3, and to Hadoop by a mrjob.conf."""
        return Access(
            self.endpoint_url,
            self.profile,
            self.sse_kms_key_id,
            hadoop_conf,
            is_anonymous=self.no_sign_request,
        )


@dataclass(frozen=True)
class RunnerOptions:
    """How jobs run. Nothing here changes a number."""

    runner: str | None = None  # None: by the size of the inputs
    conf: str | None = None  # path of mrjob.conf
    settings: tuple[str, ...] = ()  # of Hadoop, as name=value
    cores: int | None = None
    max_wall: float = DEFAULT_SECONDS  # seconds for the jobs on a cluster
    max_cost: float | None = None  # USD, of the estimate

    @property
    def conf_path(self) -> Path | None:
        """The path of mrjob.conf."""
        return Path(self.conf) if self.conf else None


@dataclass(frozen=True)
class RunOptions:
    """The options of `gafreduce run`, apart from those for its output on the terminal."""

    inputs: tuple[str, ...]
    output: str | None = None
    force: bool = False
    term: str = field(default=DEFAULT_TERM, metadata=_VALUE)  # in a run record the id
    ontology: str | None = None
    ontology_relations: tuple[str, ...] = field(default=DEFAULT_RELATIONS, metadata=_VALUE)
    recursive: bool = False
    skip_unknown: bool = False
    format: str | None = field(default=None, metadata=_VALUE)
    taxon: int | None = None
    companion: str | None = None
    delimiter: str | None = field(default=None, metadata=_VALUE)
    id_column: str | None = field(default=None, metadata=_VALUE)
    go_column: str | None = field(default=None, metadata=_VALUE)
    organisms: tuple[str, ...] = field(default=(), metadata=_VALUE)
    organism_names: str | None = field(default=None, metadata=_CONTENT)
    id_map: str | None = field(default=None, metadata=_CONTENT)
    scope: str = field(default="full", metadata=_VALUE)
    max_rejected: float = field(default=DEFAULT_MAX_REJECTED, metadata=_VALUE)
    components: str | None = field(default=None, metadata=_CONTENT)
    orthologs: str | None = field(default=None, metadata=_CONTENT)
    slim: str | None = field(default=None, metadata=_CONTENT)  # a file, or the name of a subset
    tree: str | None = field(default=None, metadata=_CONTENT)
    figure_width: float = FIGURE_WIDTH
    figure_format: tuple[str, ...] = FIGURE_FORMATS
    report: bool = field(default=True, metadata=_VALUE)
    filters: Filters = field(default=NO_FILTERS, metadata=_VALUE)
    search: bool = False
    catalog: str | None = None  # a database of Glue
    defaults_file: dict[str, Any] = field(default_factory=dict)  # values from gafreduce.toml
    runner: RunnerOptions = field(default_factory=RunnerOptions)
    s3: S3Options = field(default_factory=S3Options)

    def make_input_request(self) -> InputRequest:
        """Return the request to list the inputs.

        Raises:
            InputError: The format is not known.
        """
        return InputRequest.from_options(self)

    @property
    def components_files(self) -> tuple[Path | None, Path | None]:
        """The paths of the files of components and of their orthologs."""
        components, orthologs = (
            Path(name) if name else None for name in (self.components, self.orthologs)
        )
        return components, orthologs

    def hash_files(self) -> dict[str, str]:
        """Return the SHA-256 of each file whose content decides the numbers, by option."""
        return {name: _hash(path) for name, path in self._deciding_files()}

    def find_versions(self) -> dict[str, str]:
        """Return the version of each file whose content decides the numbers, by option.

        That of a missing file is empty: its reader raises the error.
        """
        return {name: _find_version(path) for name, path in self._deciding_files()}

    def _deciding_files(self) -> Iterator[tuple[str, Path]]:
        for name, by in self._deciding():
            is_file = by == "content" and bool(getattr(self, name))
            if is_file and (name != "slim" or self.slim_file is not None):
                yield name, Path(getattr(self, name))

    @property
    def slim_file(self) -> Path | None:
        """The path of the file with the subset of GO; None for a subset of the ontology."""
        is_name = self.slim is None or _SUBSET_NAME.fullmatch(self.slim)
        return None if is_name else Path(str(self.slim))

    def list_deciding(self, hashes: Mapping[str, str]) -> dict[str, Any]:
        """Return the options that decide the numbers, for the run id.

        Args:
            hashes: The result of `hash_files`.
        """
        values = asdict(self)
        return {
            name: hashes.get(name, values[name]) if by == "content" else values[name]
            for name, by in self._deciding()
        }

    def list_changes(self, hashes: Mapping[str, str]) -> list[str]:
        """Return the options that decide the numbers and are not the default, as `name=value`.

        Term, relations and scope are left out: every run has them.

        Args:
            hashes: The result of `hash_files`.
        """
        values, usual = self.list_deciding(hashes), RunOptions(()).list_deciding({})
        for known in (values, usual):
            known |= known.pop("filters")
            for name in ("term", "ontology_relations", "scope"):
                del known[name]
        return [
            f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"
            for name, value in values.items()
            if value != usual[name]
        ]

    def _deciding(self) -> Iterator[tuple[str, str]]:
        for each in fields(self):
            if "decides" in each.metadata:
                yield each.name, each.metadata["decides"]

    def as_record(self) -> dict[str, Any]:
        """Return the options for `run.json`, redacted."""
        record: dict[str, Any] = _redact(asdict(self))
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RunOptions:
        """Return the options that a run record holds.

        Raises:
            InputError: The record holds something else.
        """
        try:
            values = {name: _freeze(value) for name, value in record.items()}
            values["filters"] = Filters.from_dict(record["filters"])
            for name, kind in (("runner", RunnerOptions), ("s3", S3Options)):
                values[name] = kind(**{key: _freeze(v) for key, v in record[name].items()})
            found = cls(**values)
            for part in (found, found.runner, found.s3):
                _check_types(part)
            return found
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(f"expected the options of a run in its record, got {error}") from error


def _find_version(path: Path) -> str:
    try:
        return find_version(str(path))
    except OSError:
        return ""


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_types(options: Any) -> None:
    """Check that values have the types of their defaults.

    Raises:
        TypeError: One has not.
    """
    for each in fields(options):
        value, annotation = getattr(options, each.name), str(each.type)
        kinds = tuple(_KINDS[name] for name in annotation.split(" | ") if name in _KINDS)
        if kinds and not isinstance(value, kinds):
            raise TypeError(f"{each.name}: expected {annotation}, got {type(value).__name__}")
        items = {"tuple[str, ...]": str}.get(annotation)
        if items is not None and not (
            isinstance(value, tuple) and all(isinstance(item, items) for item in value)
        ):
            raise TypeError(f"{each.name}: expected a list of {items.__name__}")


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _redact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _redact(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact(each) for each in value]
    return redact(value) if isinstance(value, str) else value
