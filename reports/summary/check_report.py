"""What `gafreduce check` has found, as text, TSV, JSON and a page."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gafreduce.jobs.accounting.line_counts import Found, keep_examples
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.rules.catalogue import RULES, SEVERITIES, Rule, is_checkable
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.core_tables import finding_values
from gafreduce.reports.tables.writer import row

#: Values of a finding that text and page name; TSV and JSON have all.
_MAX_VALUES = 100
_EXAMPLE = 120


@dataclass(frozen=True)
class CheckedFile:
    """What was read of a file."""

    source_file: str
    format: str
    layout: str
    n_lines: int
    n_header: int
    n_blank: int
    n_kept: int
    n_rejected: int


@dataclass(frozen=True)
class Finding:
    """A finding over all files."""

    rule: Rule
    severity: str
    value: str
    becomes: str
    n_lines: int
    n_files: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """All of it, ready to be shown."""

    files: tuple[CheckedFile, ...]
    findings: tuple[Finding, ...]  # over all files: by severity, rule and value
    rows: tuple[dict[str, object], ...]  # by file, as in the table `findings`
    not_asked: tuple[Rule, ...]


def make(
    sources: Sequence[InputFile],
    totals: Mapping[int, FileTotal],
    terms: TermFile | None,
    words: Collection[str],
) -> CheckReport:
    """Return the report.

    Args:
        sources: The input list.
        totals: The sums of each input.
        terms: What is known of the ontology; None when there is none.
        words: Rules that are reported.
    """
    marks = terms.marks if terms else ()
    not_asked = {
        word
        for word in words
        if not is_checkable(RULES[word], marks, has_ontology=terms is not None)
    }
    wanted = set(words) - not_asked
    shown = {
        number: total._replace(found=[found for found in total.found if found.word in wanted])
        for number, total in totals.items()
    }
    return CheckReport(
        files=tuple(_file(sources[number], total) for number, total in sorted(totals.items())),
        findings=tuple(_over_files([found for total in shown.values() for found in total.found])),
        rows=tuple(finding_values(shown, sources)),
        not_asked=tuple(rule for word, rule in RULES.items() if word in not_asked),
    )


def _file(source: InputFile, total: FileTotal) -> CheckedFile:
    return CheckedFile(
        source.source_file,
        source.format,
        source.layout,
        total.n_lines,
        total.n_header,
        total.n_blank,
        total.n_kept,
        total.n_rejected,
    )


def _over_files(found: Sequence[Found]) -> Iterator[Finding]:
    def key(each: Found) -> tuple[Any, ...]:
        return SEVERITIES.index(each.severity), each.rule, each.word, each.value, each.becomes

    for _, group in groupby(sorted(found, key=key), key):
        same = list(group)
        examples: list[str] = []
        for each in same:
            examples = keep_examples(examples, each.examples)
        yield Finding(
            rule=RULES[same[0].word],
            severity=same[0].severity,
            value=same[0].value,
            becomes=same[0].becomes,
            n_lines=sum(each.n_lines for each in same),
            n_files=len(same),
            examples=tuple(examples),
        )


def as_text(report: CheckReport) -> Iterator[str]:
    """Return lines for people."""
    for each in report.files:
        layout = f" ({each.layout})" if each.layout else ""
        yield (
            f"{each.source_file}: {each.format}{layout}, {each.n_lines:,} lines = "
            f"{each.n_kept:,} kept + {each.n_rejected:,} refused + {each.n_header:,} of headers + "
            f"{each.n_blank:,} blank or without a term"
        )
    for rule, severity, same in _by_rule(report):
        yield f"{severity:7} {rule.gorule or '-':15} {rule.word}: {_how_many(same)}"
        yield f"        expected: {rule.title}"
        for found in same[:_MAX_VALUES]:
            if found.value:
                yield f"        {_value(found)}"
        if len(same) > _MAX_VALUES:
            yield f"        and {len(same) - _MAX_VALUES:,} more (--format tsv has all)"
        yield f"        for example {same[0].examples[0][:_EXAMPLE]!r}"
    if not report.findings:
        yield "no findings"
    if report.not_asked:
        yield (
            "not asked, the ontology is missing or does not say what they need: "
            + ", ".join(rule.word for rule in report.not_asked)
        )


def _by_rule(report: CheckReport) -> Iterator[tuple[Rule, str, list[Finding]]]:
    """Return the findings of each rule together, the most frequent values first."""

    def key(found: Finding) -> tuple[str, str]:
        return found.severity, found.rule.word

    for (severity, word), group in groupby(report.findings, key):
        yield RULES[word], severity, sorted(group, key=lambda each: (-each.n_lines, each.value))


def _how_many(same: Sequence[Finding]) -> str:
    """Say how often; a line can have several values of a finding, and counts for each."""
    n_lines = sum(each.n_lines for each in same)
    if len(same) > 1:
        return f"{n_lines:,} times, {len(same):,} values"
    return f"{n_lines:,} line" + ("" if n_lines == 1 else "s")


def _value(found: Finding) -> str:
    becomes = f" -> {found.becomes}" if found.becomes else ""
    files = f" in {found.n_files} files" if found.n_files > 1 else ""
    return f"{found.value}{becomes}: {found.n_lines:,}{files}"


def as_tsv(report: CheckReport) -> Iterator[str]:
    """Return the table `findings`."""
    yield "\t".join(schema.FINDINGS.column_names)
    for values in report.rows:
        yield row(schema.FINDINGS, values).decode()[:-1]


def as_json(report: CheckReport) -> Iterator[str]:
    """Return one JSON object."""
    found: dict[str, Any] = {
        "files": [vars(each) for each in report.files],
        "findings": [
            {
                "rule": each.rule.gorule,
                "finding": each.rule.word,
                "severity": each.severity,
                "title": each.rule.title,
                "why": each.rule.why,
                "link": each.rule.link,
                "value": each.value,
                "becomes": each.becomes,
                "n_lines": each.n_lines,
                "n_files": each.n_files,
                "examples": each.examples,
            }
            for each in report.findings
        ],
        "by_file": list(report.rows),
        "not_asked": [rule.word for rule in report.not_asked],
    }
    yield json.dumps(found, ensure_ascii=False, indent=2)


_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: bold }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top }
td.n { text-align: right } code { overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #eee } a { color: #9cf } }
"""


def as_html(report: CheckReport) -> Iterator[str]:
    """Return a page that stands alone and runs no script."""
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>What the rules say</title><style>{_STYLE}</style></head><body><main>"
    yield "<h1>What the rules say</h1>"
    names = ("file", "format", "lines", "kept", "refused", "of headers", "blank")
    yield from _table(
        "What was read",
        names,
        (
            [
                *(each.source_file, f"{each.format} {each.layout}", each.n_lines, each.n_kept),
                *(each.n_rejected, each.n_header, each.n_blank),
            ]
            for each in report.files
        ),
    )
    for rule, severity, same in _by_rule(report):
        yield f"<h2>{html.escape(severity)}: {html.escape(rule.title)}</h2>"
        yield f"<p>{_how_many(same)}. {html.escape(rule.why)}. {_link(rule)}</p>"
        values = (
            [each.value, each.becomes, each.n_lines, each.n_files, *each.examples[:1]]
            for each in same[:_MAX_VALUES]
        )
        more = len(same) - _MAX_VALUES
        caption = rule.word if more <= 0 else f"{rule.word}: {_MAX_VALUES} of {len(same)} values"
        yield from _table(caption, ("value", "becomes", "lines", "files", "for example"), values)
    if not report.findings:
        yield "<p>No findings.</p>"
    if report.not_asked:
        words = ", ".join(html.escape(rule.word) for rule in report.not_asked)
        yield f"<p>Not asked, the ontology is missing or does not say what they need: {words}.</p>"
    yield "</main></body></html>"


def _link(rule: Rule) -> str:
    if not rule.link:
        return ""
    return f'<a href="{html.escape(rule.link)}" rel="noopener">{html.escape(rule.gorule)}</a>'


def _table(caption: str, names: Sequence[str], rows: Iterator[list[Any]] | Any) -> Iterator[str]:
    yield f"<table><caption>{html.escape(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    yield "</tr></thead><tbody>"
    for cells in rows:
        yield "<tr>" + "".join(map(_cell, cells)) + "</tr>"
    yield "</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td><code>{html.escape(str(value))}</code></td>"


FORMATS: Mapping[str, Callable[[CheckReport], Iterator[str]]] = {
    "text": as_text,
    "tsv": as_tsv,
    "json": as_json,
    "html": as_html,
}
