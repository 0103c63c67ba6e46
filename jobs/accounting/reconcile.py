"""Check that the counts of each input file add up, before anything is published."""

from __future__ import annotations

import json
from typing import Dict, List, NamedTuple, Sequence

from gafreduce.errors import InputError, InternalError, TransientError
from gafreduce.jobs.accounting.line_counts import CountedFinding, sum_by_reason
from gafreduce.jobs.files.file_version import ChangedError
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats.registry import describe_mismatch

#: Refused lines that are accepted in any file, even a short one.
ALLOWED_LINES = 10
DEFAULT_MAX_REJECTED = 0.001
#: Sums that are equal in all jobs of a run, and those that a job may not have.
_EQUAL_IN_PASSES = {
    "n_lines": "lines:",
    "n_text_bytes": "bytes of text:",
    "n_bytes": "bytes:",
    "sha256": "content with the sha256",
}
_MAY_BE_UNKNOWN = frozenset({"n_bytes", "sha256"})
#: Reasons that an option asks for: no fault of the file.
_REQUESTED = frozenset({"obsolete_dropped"})


class FileTotal(NamedTuple):
    """The sums of one input file (record F of the job's output)."""

    n_lines: int
    n_header: int
    n_blank: int
    n_without_term: int  # of `n_blank`: lines with a gene product and without a term
    n_kept: int
    n_bytes: int  # stored bytes; 0 where tasks get text only
    n_text_bytes: int
    sha256: str
    n_taxa: int  # before filters, as the main taxon
    main_taxon_id: int
    taxon_ids: List[int]  # the first ones
    n_kept_of_taxa: List[int]  # lines of each of `taxon_ids`
    filtered: Dict[str, int]  # lines left out, by option
    repeated: Dict[str, int]  # how often lines count again for a finding, by word
    found: List[CountedFinding]  # those of refused lines included
    ids: List[str] = []  # a sample of gene products, where a sample has several files

    @property
    def refused(self) -> Dict[str, CountedFinding]:
        """The findings of refused lines, by reason."""
        return sum_by_reason(self.found)

    def count_lines(self, word: str) -> int:
        """Return the number of kept lines with a finding, each counted once."""
        found = (each.n_lines for each in self.found if each.word == word and not each.is_refused)
        return sum(found) - self.repeated.get(word, 0)

    @property
    def n_rejected(self) -> int:
        """Number of refused lines."""
        return sum(refused.n_lines for refused in self.refused.values())

    @property
    def n_filtered(self) -> int:
        """Number of lines that the filters leave out."""
        return sum(self.filtered.values())

    @classmethod
    def decode(cls, value: bytes) -> FileTotal:
        """Return the sums that `FileSums.encode` wrote."""
        total = cls(**json.loads(value))
        return total._replace(found=[CountedFinding(*found) for found in total.found])


def reconcile(
    inputs: Sequence[InputFile], totals: Dict[int, FileTotal], max_rejected: float
) -> None:
    """Check the sums of every input file.

    Args:
        inputs: The input list.
        totals: By position in the input list.
        max_rejected: Share of a file's lines that may be refused (0 to 1); unless it is 0,
            `ALLOWED_LINES` are accepted in any file.

    Raises:
        InputError: Lines of a file are unusable; the message names the first such file.
        TransientError: A file was not read completely.
        InternalError: The counts of a file do not add up.
    """
    for number, source in enumerate(inputs):
        total = totals.get(number)
        if total is None:
            raise InternalError(f"{source.source_file}: expected its line counts, got none")
        check_sums(source, total)
        _check_refused(source, total, max_rejected)


def check_sums(source: InputFile, total: FileTotal) -> None:
    """Check that a file was read completely.

    Raises:
        TransientError: Bytes are missing, or were read twice.
        InternalError: The counts do not add up.
    """
    parts = total.n_header + total.n_blank + total.n_kept + total.n_filtered + total.n_rejected
    if parts != total.n_lines:
        raise InternalError(
            f"{source.source_file}: expected {total.n_lines} lines to be header, blank, kept, "
            f"filtered or rejected, got {parts}"
        )
    if total.n_bytes and source.bytes and total.n_bytes != source.bytes:
        raise TransientError(
            f"{source.source_file}: expected {source.bytes} bytes to be read, got {total.n_bytes} "
            "(a part was lost or read twice, or the file changed; run again)"
        )


def check_passes(
    inputs: Sequence[InputFile], first: Dict[int, FileTotal], second: Dict[int, FileTotal]
) -> None:
    """Check that a second job over the same inputs read the same lines as the first one.

    Raises:
        ChangedError: It did not; the message names the first such file.
    """
    for number, source in enumerate(inputs):
        one, other = first[number], second.get(number)
        for name, label in _EQUAL_IN_PASSES.items():
            expected, got = getattr(one, name), getattr(other, name, "none")
            if expected != got and (name not in _MAY_BE_UNKNOWN or (expected and got)):
                raise ChangedError(
                    f"{source.source_file}: expected the second job to read {label} {expected}, "
                    f"as the first job did, got {got} (the file changed, or a part was lost: run "
                    "again when nothing writes to it)"
                )


def check_understood(source: InputFile, total: FileTotal) -> None:
    """Check that a file with annotation lines has one that can be used.

    Raises:
        InputError: It has none.
    """
    if total.n_kept + total.n_filtered or not (_count_faulty(total) or total.n_without_term):
        return
    if not total.n_rejected:
        raise InputError(
            f"{source.source_file}: expected annotation lines, got {total.n_without_term} of gene "
            "products without a term and no other (is it the whole file? or remove it)"
        )
    examples = [line for found in total.refused.values() for line in found.examples]
    advice = describe_mismatch(source, examples)
    if set(total.refused) == {"unknown_gene_product"}:
        advice = f"is {source.companion} the GPI file of these gene products? give --companion"
    raise InputError(
        f"{source.source_file}: expected annotation lines, got none that could be understood "
        f"{_describe_refused(total)}({advice})"
    )


def _count_faulty(total: FileTotal) -> int:
    """Return the number of lines that are refused because of the file."""
    return sum(f.n_lines for word, f in total.refused.items() if word not in _REQUESTED)


def _check_refused(source: InputFile, total: FileTotal, max_rejected: float) -> None:
    check_understood(source, total)
    n_faulty = _count_faulty(total)
    allowed = int(max(max_rejected * total.n_lines, ALLOWED_LINES if max_rejected else 0))
    if n_faulty > allowed:
        raise InputError(
            f"{source.source_file}: expected at most {allowed} of {total.n_lines} lines rejected, "
            f"got {n_faulty} {_describe_refused(total)}(fix the file, or raise --max-rejected)"
        )


def _describe_refused(total: FileTotal) -> str:
    if not total.n_rejected:
        return ""
    reasons = ", ".join(
        f"{reason} {refused.n_lines}" for reason, refused in sorted(total.refused.items())
    )
    example = min(total.refused.values(), key=lambda refused: -refused.n_lines).examples[0]
    return f"({reasons}; for example {example[:100]!r}) "
