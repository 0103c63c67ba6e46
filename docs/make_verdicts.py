"""Writes the truth table of docs/verdicts.md from its cases: `make docs`.

Cases and expectations come from tests/oracle/oracle_verdicts.py, which shares no code with the
product; tests/test_truth_table.py holds the product to every one of them.
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


def stronger(word: str) -> str:
    """Return the stronger of a word and of what electronic support alone gives."""
    return min(word, "electronic_only", key=_WORDS.index)


def one(results: dict[str, str]) -> str:
    """Return results by evidence group in one phrase.

    Raises:
        ValueError: There is no phrase for them.
    """
    words = {group: oracle.GROUPS[group][1] for group in results}
    if len(set(results.values())) == 1:
        return next(iter(results.values()))
    if results == words:
        return "*word*"
    if results == {group: stronger(word) for group, word in words.items()}:
        return "*stronger*"
    raise ValueError(f"no phrase for {results}")


def over_groups(case: Case, result: Callable[[Case], str]) -> str:
    """Return what a case gives, whatever the evidence group."""
    return one({group: result(case._replace(group=group)) for group in oracle.GROUPS})


def status(case: Case) -> str:
    """Return the status of the gene product of which something is said."""
    found = oracle.product_of([line for line in case.lines() if line.product == case.product])
    return found.status if found else "(no row)"


def verdict(case: Case) -> str:
    """Return the verdict of the organism."""
    return str(oracle.organism_of(case.lines())["verdict"])


def contested(case: Case) -> str:
    """Return a mark when the organism is contested."""
    return "!" if oracle.organism_of(case.lines())["contested"] else ""


def counted(case: Case) -> str:
    """Return the columns of `organisms` that count the gene product."""
    row = oracle.organism_of(case.lines())
    words = ", ".join(word for name, word in _COUNTED.items() if row[name])
    return "all three" if words == "target, negated, conflicting" else words


def cells(case: Case) -> list[str]:
    """Return what a case gives without and with electronic support beside it."""
    alone, beside = case._replace(beside=False), case._replace(beside=True)
    return [
        over_groups(alone, status),
        over_groups(alone, counted),
        _with_contested(alone),
        over_groups(beside, status),
        _with_contested(beside),
    ]


def _with_contested(case: Case) -> str:
    parts = (over_groups(case, verdict), over_groups(case, contested))
    return " ".join(filter(None, parts))


_SECTIONS = {"positive": "A positive line", "NOT": "A NOT line", "both": "Both"}


def of_whom(bearers: list[str]) -> str:
    """Return for which gene products a row of the table holds."""
    missing = [bearer for bearer in oracle.BEARERS if bearer not in bearers]
    if not missing:
        return "any"
    return f"all but {missing[0]}" if len(missing) == 1 else ", ".join(bearers)


def rows(said: str) -> Iterator[list[str]]:
    """Yield the rows of a table; gene products that give the same share one."""
    for place in oracle.PLACES:
        for relation in oracle.RELATIONS:
            alike: dict[tuple[str, ...], list[str]] = {}
            for bearer in oracle.BEARERS:
                case = Case(said, place, relation, bearer, "electronic", beside=False)
                alike.setdefault(tuple(cells(case)), []).append(bearer)
            for found, bearers in alike.items():
                yield [place, relation, of_whom(bearers), *found]


def table(said: str) -> str:
    """Return the truth table of one kind of line as Markdown."""
    head = ["on", "relation", "of", "status", "counted as", "verdict", "status \\*", "verdict \\*"]
    lines = [head, ["---"] * len(head), *rows(said)]
    return f"### {_SECTIONS[said]}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_table(text: str) -> str:
    """Return the page with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n\n".join(map(table, oracle.SAID))
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(__file__).with_name("verdicts.md")
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
