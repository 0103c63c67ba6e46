"""Write the truth table of docs/verdicts.md from its cases: `make docs`.

Cases and expected results come from tests/oracle/oracle_verdicts.py, which shares no code with the
product; tests/test_truth_table.py checks the product against every case.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "oracle"))

import oracle_verdicts as oracle
from oracle_verdicts import Case

BEGIN, END = "<!-- truth table: begin -->", "<!-- truth table: end -->"

_COUNTED = {
    "n_target_gene_products": "target",
    "n_regulator_gene_products": "regulator",
    "n_other_relation_gene_products": "other relation",
    "n_negated_gene_products": "negated",
    "n_conflicting_gene_products": "conflicting",
}
_WORDS = [word for _, word in oracle.GROUPS.values()]


def choose_stronger(word: str) -> str:
    """Return the stronger of a verdict word and the word for electronic support alone."""
    return min(word, "electronic_only", key=_WORDS.index)


def describe_results(results: dict[str, str]) -> str:
    """Return one phrase for the results of all evidence groups.

    Raises:
        ValueError: No phrase describes these results.
    """
    words = {group: oracle.GROUPS[group][1] for group in results}
    if len(set(results.values())) == 1:
        return next(iter(results.values()))
    if results == words:
        return "*word*"
    if results == {group: choose_stronger(word) for group, word in words.items()}:
        return "*stronger*"
    raise ValueError(f"no phrase for {results}")


def describe_groups(case: Case, result: Callable[[Case], str]) -> str:
    """Return one phrase for the results of a case with each evidence group."""
    return describe_results({group: result(case._replace(group=group)) for group in oracle.GROUPS})


def find_status(case: Case) -> str:
    """Return the status of the gene product of the case."""
    found = oracle.product_of([line for line in case.lines() if line.product == case.product])
    return found.status if found else "(no row)"


def find_verdict(case: Case) -> str:
    """Return the verdict of the organism."""
    return str(oracle.organism_of(case.lines())["verdict"])


def mark_contested(case: Case) -> str:
    """Return `!` when the organism is contested."""
    return "!" if oracle.organism_of(case.lines())["contested"] else ""


def list_counted(case: Case) -> str:
    """Return words for the columns of `organisms` that count the gene product."""
    row = oracle.organism_of(case.lines())
    words = ", ".join(word for name, word in _COUNTED.items() if row[name])
    return "all three" if words == "target, negated, conflicting" else words


def make_cells(case: Case) -> list[str]:
    """Return the results of a case without and with additional electronic support."""
    alone = case._replace(beside=False)
    supported = case._replace(beside=True)
    return [
        describe_groups(alone, find_status),
        describe_groups(alone, list_counted),
        _describe_verdict(alone),
        describe_groups(supported, find_status),
        _describe_verdict(supported),
    ]


def _describe_verdict(case: Case) -> str:
    parts = (describe_groups(case, find_verdict), describe_groups(case, mark_contested))
    return " ".join(filter(None, parts))


_SECTIONS = {"positive": "A positive line", "NOT": "A NOT line", "both": "Both"}


def describe_bearers(bearers: list[str]) -> str:
    """Return a phrase for the gene products of a row of the table."""
    missing = [bearer for bearer in oracle.BEARERS if bearer not in bearers]
    if not missing:
        return "any"
    return f"all but {missing[0]}" if len(missing) == 1 else ", ".join(bearers)


def make_rows(kind: str) -> Iterator[list[str]]:
    """Yield the rows of a table; gene products with equal results share a row."""
    for place in oracle.PLACES:
        for relation in oracle.RELATIONS:
            by_result: dict[tuple[str, ...], list[str]] = {}
            for bearer in oracle.BEARERS:
                case = Case(kind, place, relation, bearer, "electronic", beside=False)
                by_result.setdefault(tuple(make_cells(case)), []).append(bearer)
            for found, bearers in by_result.items():
                yield [place, relation, describe_bearers(bearers), *found]


def make_table(kind: str) -> str:
    """Return the truth table of one kind of line as Markdown."""
    head = ["on", "relation", "of", "status", "counted as", "verdict", "status \\*", "verdict \\*"]
    lines = [head, ["---"] * len(head), *make_rows(kind)]
    return f"### {_SECTIONS[kind]}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_table(text: str) -> str:
    """Return the page with its truth table replaced by the current one."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n\n".join(map(make_table, oracle.SAID))
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("verdicts.md")
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
