"""What differs between two runs besides their results, and what the differences can explain."""

from __future__ import annotations

from collections.abc import Iterable, KeysView
from typing import Any, NamedTuple

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.reports.comparison.compared_run import ComparedRun
from gafreduce.reports.comparison.line_table import ComparedLine, SourceCells, list_sources
from gafreduce.reports.comparison.pairs import LinePair
from gafreduce.reports.evidence.annotation_sources import find_sources
from gafreduce.reports.evidence.retired_sources import RetiredSource, read_retired_sources


class SettingChange(NamedTuple):
    """A setting that differs between two runs."""

    setting: str
    kind: str  # inputs, filters, options, version or ontology
    before: str
    after: str


def list_settings(before: ComparedRun, after: ComparedRun) -> list[SettingChange]:
    """Return the settings that differ, by their names."""
    pairs: list[tuple[str, str, dict[str, str], dict[str, str]]] = [
        ("", "options", before.options, after.options),
        ("filters.", "filters", before.filter_texts, after.filter_texts),
        ("inputs.", "inputs", before.files, after.files),
        ("", "version", _get_version(before.record), _get_version(after.record)),
        ("ontology.", "ontology", _get_ontology(before.record), _get_ontology(after.record)),
    ]
    found = [
        SettingChange(f"{prefix}{name}", kind, first.get(name, ""), second.get(name, ""))
        for prefix, kind, first, second in pairs
        for name in sorted(first.keys() | second.keys())
        if first.get(name, "") != second.get(name, "")
    ]
    return sorted(found)


def _get_version(record: dict[str, Any]) -> dict[str, str]:
    return {"gafreduce_version": str(record["gafreduce_version"])}


def _get_ontology(record: dict[str, Any]) -> dict[str, str]:
    return {name: str(record["ontology"][name]) for name in ("data_version", "sha256")}


def describe_source(line: ComparedLine) -> str:
    """Return the source of a line; alternatives are joined by "or".

    >>> cells = dict.fromkeys(ComparedLine._fields, "")
    >>> describe_source(ComparedLine(**cells | {"evidence_code": "IBA"}))
    'PAN-GO'
    """
    alternatives = find_sources(
        line.evidence_code, line.reference, line.with_from, line.assigned_by
    )
    return " or ".join(sorted(" and ".join(sorted(each)) for each in alternatives))


class ReasonFinder:
    """Finds the reasons of differences between the lines of two runs."""

    def __init__(self, before: ComparedRun, after: ComparedRun) -> None:
        """Note what differs.

        Args:
            before: The earlier run.
            after: The later run.
        """
        self.before, self.after = before, after
        self.settings = list_settings(before, after)
        self.kinds = {each.kind for each in self.settings}
        self.has_same_ontology = before.ontology_sha256 == after.ontology_sha256
        self._sources: dict[bool, _KnownSources] = {}
        self._taxa = TaxonNames()
        self._applying: dict[tuple[str, str], bool] = {}

    def find_organism_reasons(self, organism_id: str) -> list[str]:
        """Return reasons that hold for all lines of an organism: inputs, completeness."""
        rows = [run.organisms.get(organism_id) for run in (self.before, self.after)]
        first, second = rows
        has_lines = [row is not None and row["n_annotations"] not in ("", "0") for row in rows]
        if has_lines[0] != has_lines[1] or first is None or second is None:
            is_filtered = any(row and row["n_filtered_lines"] not in ("", "0") for row in rows)
            return [] if is_filtered and self.before.filters != self.after.filters else ["inputs"]
        complete = [row["complete"] == "true" for row in (first, second)]
        return ["completeness"] if complete[0] != complete[1] else []

    def has_same_files(self, organism_id: str) -> bool:
        """Return whether an organism's files are the same in both runs."""
        first, second = (run.list_files_of(organism_id) for run in (self.before, self.after))
        return bool(first) and first == second

    def find_line_reasons(self, pair: LinePair) -> list[str]:
        """Return all reasons that hold for a difference, in their order; the first is primary."""
        line = pair.one
        found = self.find_organism_reasons(line.organism_id)
        if self._is_filtered(pair):
            found.append("filters")
        found += self._find_interpretation(pair)
        found += self._find_term_reasons(pair)
        first, second = pair.before, pair.after
        if first is not None and second is not None:
            found += ["product_id"] * (first.object_id != second.object_id)
            found += ["relation"] * (first.stated_relation != second.stated_relation)
            found += ["evidence"] * (_list_evidence(first) != _list_evidence(second))
            return found or ["unexplained"]
        if pair.has_same_term:
            found.append("lines_merged")
        found += self._find_source_reasons(pair)
        return found or ["unexplained"]

    def _is_filtered(self, pair: LinePair) -> bool:
        """Return whether the filters of the other run exclude a line."""
        if pair.before is not None and pair.after is not None:
            return False
        line = pair.one
        other = self.after if pair.after is None else self.before
        combination = (line.relation, line.evidence_code.upper(), line.evidence_group, line.aspect)
        return bool(
            other.filters.check_combination(*combination)
            or (
                other.filters.object_types
                and line.object_type.lower() not in other.filters.object_types
            )
            or (other.filters.assigned_by and line.assigned_by not in other.filters.assigned_by)
        )

    def _find_interpretation(self, pair: LinePair) -> list[str]:
        """Return whether the same line is understood differently, by options or by the version."""
        first, second = pair.before, pair.after
        if first is not None and second is not None:
            is_same_text = first.stated_relation == second.stated_relation
            differs = is_same_text and first.takes_part != second.takes_part
            differs |= self.has_same_ontology and first.term_class != second.term_class
        else:
            other = self.after if second is None else self.before
            is_outside = pair.one.go_id not in other.term_set
            differs = self.has_same_ontology and is_outside and pair.one.term_class != "ancestor"
            differs |= self.has_same_files(pair.one.organism_id) and self.has_same_ontology
        if not differs:
            return []
        has_other_rules = self.before.filters.strict != self.after.filters.strict
        has_other_rules |= self.before.filters.obsolete != self.after.filters.obsolete
        relations = [run.filters.supporting_relations for run in (self.before, self.after)]
        if "options" in self.kinds or has_other_rules or relations[0] != relations[1]:
            return ["options"]
        return ["version"] if "version" in self.kinds and "filters" not in self.kinds else []

    def _find_term_reasons(self, pair: LinePair) -> list[str]:
        """Return the reasons that concern the term."""
        if self.has_same_ontology:
            return []
        first, second = pair.before, pair.after
        if first is not None and second is not None:
            if first.go_id != second.go_id:
                return ["term_merged"]
            return ["term_set"] if first.term_class != second.term_class else []
        other = self.after if second is None else self.before
        go_id = pair.one.go_id
        found = []
        if go_id in other.merged:
            found.append("term_merged")
        elif go_id in other.retired_terms and go_id not in other.term_set:
            found.append("term_retired")
        if go_id not in other.term_set and pair.one.term_class != "ancestor":
            found.append("term_set")
        return found

    def _find_source_reasons(self, pair: LinePair) -> list[str]:
        """Return whether the source of a line has no line in the other run."""
        line = pair.one
        alternatives = find_sources(
            line.evidence_code, line.reference, line.with_from, line.assigned_by
        )
        sources = frozenset().union(*alternatives)
        other = self._list_sources(is_after=pair.after is None)
        if pair.after is None:
            for retired in read_retired_sources():
                if all(retired.source in together for together in alternatives):
                    users = other.list_organisms(retired.source)
                    if self._applies(retired, line.organism_id) and not any(
                        self._applies(retired, user) for user in users
                    ):
                        return ["source_retired"]
        return [] if sources & other.known else ["source_absent"]

    def _applies(self, retired: RetiredSource, organism_id: str) -> bool:
        key = (retired.source, organism_id)
        if key not in self._applying:
            self._applying[key] = self._find_whether_applies(retired, organism_id)
        return self._applying[key]

    def _find_whether_applies(self, retired: RetiredSource, organism_id: str) -> bool:
        row = self.after.organisms.get(organism_id) or self.before.organisms.get(organism_id)
        if row is None:
            return True
        return retired.applies_to(row["organism"], self._taxa.find(int(row["taxon_id"])) or "")

    def _list_sources(self, is_after: bool) -> _KnownSources:
        """Return the sources of a run's lines."""
        if is_after not in self._sources:
            run = self.after if is_after else self.before
            self._sources[is_after] = _KnownSources(list_sources(run.folder))
        return self._sources[is_after]


class _KnownSources:
    """The sources of a run's lines."""

    def __init__(self, found: SourceCells) -> None:
        """Find the sources, once for equal lines."""
        self._found = found
        self._keys: dict[str, list[int]] = {}
        self._organisms: dict[str, set[str]] = {}
        for key, cells in found.cells.items():
            for source in _join(find_sources(*cells)):
                self._keys.setdefault(source, []).append(key)

    @property
    def known(self) -> KeysView[str]:
        """All sources."""
        return self._keys.keys()

    def list_organisms(self, source: str) -> set[str]:
        """Return the organisms with lines of a source."""
        if source not in self._organisms:
            self._organisms[source] = self._found.list_organisms(self._keys.get(source, ()))
        return self._organisms[source]


def _join(alternatives: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*alternatives)


def _list_evidence(line: ComparedLine) -> tuple[str, ...]:
    return line.evidence_code, line.with_from, line.assigned_by
