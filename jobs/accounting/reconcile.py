"""The check that stands before every publication: what was read adds up, file by file."""

from __future__ import annotations

import json
from typing import Dict, List, NamedTuple, Sequence

from gafreduce.errors import InputError
from gafreduce.jobs.accounting.line_counts import Found, by_reason
from gafreduce.jobs.files.input_list import InputFile

#: Lines of a file that are always forgiven, however short it is.
FORGIVEN_LINES = 10
DEFAULT_MAX_REJECTED = 0.001
#: Refused because an option says so: no fault of the file.
ASKED_FOR = frozenset({"obsolete_dropped"})


class ReconcileError(InputError):
    """What was read of a file doesn't add up, or too much of it was refused."""


class FileTotal(NamedTuple):
    """The sums of one input file (record F of the job's output)."""

    n_lines: int
    n_header: int
    n_blank: int
    n_without_term: int  # of the blank ones: lines of a gene product without a term
    n_kept: int
    n_bytes: int
    sha256: str
    n_taxa: int
    main_taxon_id: int
    n_main: int
    taxon_ids: List[int]
    filtered: Dict[str, int]  # left out, by option
    found: List[Found]  # what rules have to say of its lines, refused ones included

    @property
    def refused(self) -> Dict[str, Found]:
        """Lines refused, by reason."""
        return by_reason(self.found)

    @property
    def n_rejected(self) -> int:
        """Lines refused, for whatever reason."""
        return sum(refused.n_lines for refused in self.refused.values())

    @property
    def n_filtered(self) -> int:
        """Sound lines that the filters leave out."""
        return sum(self.filtered.values())

    @classmethod
    def decode(cls, value: bytes) -> FileTotal:
        """Return the sums that `FileTotals.record` wrote."""
        total = cls(**json.loads(value))
        return total._replace(found=[Found(*found) for found in total.found])


def reconcile(
    inputs: Sequence[InputFile], totals: Dict[int, FileTotal], max_rejected: float
) -> None:
    """Check the sums of every input file.

    Args:
        inputs: The input list.
        totals: By position in the input list.
        max_rejected: Share of a file's lines that may be refused (0 to 1); `FORGIVEN_LINES` are
            forgiven besides, unless it is 0.

    Raises:
        ReconcileError: At the first file that fails, naming it.
    """
    for number, source in enumerate(inputs):
        total = totals.get(number)
        if total is None:
            raise ReconcileError(f"{source.source_file}: expected its line counts, got none")
        check_sums(source, total)
        _check_refused(source, total, max_rejected)


def check_sums(source: InputFile, total: FileTotal) -> None:
    """Check that what was read of a file is all of it.

    Raises:
        ReconcileError: It is not.
    """
    parts = total.n_header + total.n_blank + total.n_kept + total.n_filtered + total.n_rejected
    if parts != total.n_lines:
        raise ReconcileError(
            f"{source.source_file}: expected {total.n_lines} lines to be header, blank, kept, "
            f"filtered or rejected, got {parts} (report this)"
        )
    if total.n_bytes and source.bytes and total.n_bytes != source.bytes:
        raise ReconcileError(
            f"{source.source_file}: expected {source.bytes} bytes to be read, got {total.n_bytes} "
            "(a part was lost or read twice, or the file changed: run again)"
        )


def check_understood(source: InputFile, total: FileTotal) -> None:
    """Check that lines of a file could be used, where some were to be.

    Raises:
        ReconcileError: None could.
    """
    if total.n_kept + total.n_filtered or not (_n_faulty(total) or total.n_without_term):
        return
    advice = f"is it {source.format}? say --format, or remove the file"
    if set(total.refused) == {"unknown_gene_product"}:
        advice = f"is {source.companion} the GPI file of these gene products? say --companion"
    raise ReconcileError(
        f"{source.source_file}: expected annotation lines, got none that could be understood "
        f"{_detail(total)}({advice})"
    )


def _n_faulty(total: FileTotal) -> int:
    """Return how many lines are refused by a fault of the file."""
    return sum(f.n_lines for word, f in total.refused.items() if word not in ASKED_FOR)


def _check_refused(source: InputFile, total: FileTotal, max_rejected: float) -> None:
    check_understood(source, total)
    n_faulty = _n_faulty(total)
    allowed = int(max(max_rejected * total.n_lines, FORGIVEN_LINES if max_rejected else 0))
    if n_faulty > allowed:
        raise ReconcileError(
            f"{source.source_file}: expected at most {allowed} of {total.n_lines} lines rejected, "
            f"got {n_faulty} {_detail(total)}(mend the file, or raise --max-rejected)"
        )


def _detail(total: FileTotal) -> str:
    if not total.n_rejected:
        return ""
    reasons = ", ".join(
        f"{reason} {refused.n_lines}" for reason, refused in sorted(total.refused.items())
    )
    example = min(total.refused.values(), key=lambda refused: -refused.n_lines).examples[0]
    return f"({reasons}; for example {example[:100]!r}) "
