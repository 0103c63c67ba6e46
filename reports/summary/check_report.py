"""The report of `gafreduce check` as text, TSV, JSON and an HTML page."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gafreduce.jobs.accounting.line_counts import CountedFinding, keep_examples
from gafreduce.jobs.accounting.reconcile import FileTotal
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.rules.catalogue import RULES, SEVERITIES, Rule, is_checkable
from gafreduce.ontology.termfile import TermFile
from gafreduce.reports.summary.sentences import format_count
from gafreduce.reports.tables import schema
from gafreduce.reports.tables.core_tables import make_finding_rows
from gafreduce.reports.tables.writer import encode_row

#: Largest number of values of a finding in text and page; TSV and JSON have all.
_MAX_VALUES = 100
_UNCHECKED = "Rules not checked, because the ontology is missing or lacks the data"
#: Characters of an example in the text.
_MAX_EXAMPLE = 120


@dataclass(frozen=True)
class CheckedFile:
    """A checked file, with the numbers of its lines."""

    source_file: str
    format: str
    layout: str
    n_lines: int
    n_header: int
    n_blank: int
    n_kept: int
    n_rejected: int


@dataclass(frozen=True)
class SummedFinding:
    """A finding of a rule, summed over all files."""

    rule: Rule
    severity: str
    value: str
    becomes: str
    n_lines: int
    n_files: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """The result of a check."""

    files: tuple[CheckedFile, ...]
    findings: tuple[SummedFinding, ...]  # over all files: by severity, rule and value
    rows: tuple[dict[str, object], ...]  # by file, as in the table `findings`
    unchecked: tuple[Rule, ...]


def make_report(
    sources: Sequence[InputFile],
    totals: Mapping[int, FileTotal],
    terms: TermFile | None,
    words: Collection[str],
) -> CheckReport:
    """Return the report.

    Args:
        sources: The input list.
        totals: The sums of each input.
        terms: The ontology; None without one.
        words: Words of the rules to report.
    """
    marks = terms.marks if terms else ()
    unchecked = {
        word
        for word in words
        if not is_checkable(RULES[word], marks, has_ontology=terms is not None)
    }
    wanted = set(words) - unchecked
    reported = {
        number: total._replace(found=[found for found in total.found if found.word in wanted])
        for number, total in totals.items()
    }
    return CheckReport(
        files=tuple(
            _summarise_file(sources[number], total) for number, total in sorted(totals.items())
        ),
        findings=tuple(
            _sum_findings([found for total in reported.values() for found in total.found])
        ),
        rows=tuple(make_finding_rows(reported, sources)),
        unchecked=tuple(rule for word, rule in RULES.items() if word in unchecked),
    )


def _summarise_file(source: InputFile, total: FileTotal) -> CheckedFile:
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


def _sum_findings(found: Sequence[CountedFinding]) -> Iterator[SummedFinding]:
    def key(each: CountedFinding) -> tuple[Any, ...]:
        return SEVERITIES.index(each.severity), each.gorule, each.word, each.value, each.becomes

    for _, group in groupby(sorted(found, key=key), key):
        findings = list(group)
        examples: list[str] = []
        for each in findings:
            examples = keep_examples(examples, each.examples)
        yield SummedFinding(
            rule=RULES[findings[0].word],
            severity=findings[0].severity,
            value=findings[0].value,
            becomes=findings[0].becomes,
            n_lines=sum(each.n_lines for each in findings),
            n_files=len(findings),
            examples=tuple(examples),
        )


def format_text(report: CheckReport) -> Iterator[str]:
    """Yield the report as lines of text."""
    for each in report.files:
        layout = f" ({each.layout})" if each.layout else ""
        yield (
            f"{each.source_file}: {each.format}{layout}, {format_count(each.n_lines, 'line')} = "
            f"{each.n_kept:,} kept + {each.n_rejected:,} rejected + {each.n_header:,} header + "
            f"{each.n_blank:,} blank or without a term"
        )
    for rule, severity, findings in _group_by_rule(report):
        yield f"{severity:7} {rule.gorule or '-':15} {rule.word}: {_count_lines(findings)}"
        yield f"        expected: {rule.title}"
        for found in findings[:_MAX_VALUES]:
            if found.value:
                yield f"        {_format_value(found)}"
        if len(findings) > _MAX_VALUES:
            yield f"        and {len(findings) - _MAX_VALUES:,} more (--to tsv lists all)"
        yield f"        for example {findings[0].examples[0][:_MAX_EXAMPLE]!r}"
    if not report.findings:
        yield "no findings"
    if report.unchecked:
        yield (f"{_UNCHECKED}: " + ", ".join(rule.word for rule in report.unchecked))


def _group_by_rule(report: CheckReport) -> Iterator[tuple[Rule, str, list[SummedFinding]]]:
    """Yield each rule with its findings, the most frequent values first."""

    def key(found: SummedFinding) -> tuple[str, str]:
        return found.severity, found.rule.word

    for (severity, word), group in groupby(report.findings, key):
        yield RULES[word], severity, sorted(group, key=lambda each: (-each.n_lines, each.value))


def _count_lines(findings: Sequence[SummedFinding]) -> str:
    """Return the number of lines; a line counts once for each of its values."""
    n_lines = sum(each.n_lines for each in findings)
    if len(findings) > 1:
        return f"{n_lines:,} times, {len(findings):,} values"
    return f"{n_lines:,} line" + ("" if n_lines == 1 else "s")


def _format_value(found: SummedFinding) -> str:
    becomes = f" -> {found.becomes}" if found.becomes else ""
    files = f" in {found.n_files} files" if found.n_files > 1 else ""
    return f"{found.value}{becomes}: {found.n_lines:,}{files}"


def format_tsv(report: CheckReport) -> Iterator[str]:
    """Yield the lines of the table `findings`."""
    yield "\t".join(schema.FINDINGS.column_names)
    for values in report.rows:
        yield encode_row(schema.FINDINGS, values).decode()[:-1]


def format_json(report: CheckReport) -> Iterator[str]:
    """Yield one JSON object."""
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
        "not_asked": [rule.word for rule in report.unchecked],
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


def format_html(report: CheckReport) -> Iterator[str]:
    """Yield a self-contained page without scripts."""
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>Findings of the quality rules</title><style>{_STYLE}</style></head><body><main>"
    yield "<h1>Findings of the quality rules</h1>"
    names = ("file", "format", "lines", "kept", "rejected", "header lines", "blank")
    yield from _format_table(
        "Input files",
        names,
        (
            [
                *(each.source_file, f"{each.format} {each.layout}", each.n_lines, each.n_kept),
                *(each.n_rejected, each.n_header, each.n_blank),
            ]
            for each in report.files
        ),
    )
    for rule, severity, findings in _group_by_rule(report):
        yield f"<h2>{html.escape(severity)}: {html.escape(rule.title)}</h2>"
        yield f"<p>{_count_lines(findings)}. {html.escape(rule.why)}. {_make_link(rule)}</p>"
        values = (
            [each.value, each.becomes, each.n_lines, each.n_files, *each.examples[:1]]
            for each in findings[:_MAX_VALUES]
        )
        more = len(findings) - _MAX_VALUES
        caption = (
            rule.word if more <= 0 else f"{rule.word}: {_MAX_VALUES} of {len(findings)} values"
        )
        yield from _format_table(
            caption, ("value", "becomes", "lines", "files", "for example"), values
        )
    if not report.findings:
        yield "<p>No findings.</p>"
    if report.unchecked:
        words = ", ".join(html.escape(rule.word) for rule in report.unchecked)
        yield f"<p>{_UNCHECKED}: {words}.</p>"
    yield "</main></body></html>"


def _make_link(rule: Rule) -> str:
    if not rule.link:
        return ""
    return f'<a href="{html.escape(rule.link)}" rel="noopener">{html.escape(rule.gorule)}</a>'


def _format_table(
    caption: str, names: Sequence[str], rows: Iterator[list[Any]] | Any
) -> Iterator[str]:
    yield f"<table><caption>{html.escape(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    yield "</tr></thead><tbody>"
    for cells in rows:
        yield "<tr>" + "".join(map(_format_cell, cells)) + "</tr>"
    yield "</tbody></table>"


def _format_cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td><code>{html.escape(str(value))}</code></td>"


FORMATS: Mapping[str, Callable[[CheckReport], Iterator[str]]] = {
    "text": format_text,
    "tsv": format_tsv,
    "json": format_json,
    "html": format_html,
}
