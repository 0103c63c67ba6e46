"""The changes that `make mutants` makes, and the selection of the tests that should notice them."""

from __future__ import annotations

import ast

import mutating
import mutations
import pytest

SOURCE = b'''\
"""Not 1 of this == that."""
SIZE: int | None = 3
def f(a: int | None, *, strict: bool = True) -> int | str:
    if not (a
            and SIZE):
        return 0
    return g(a[1:], strict=True) - f"{a + 1}"
'''


def find_texts(source: bytes) -> list[str]:
    return [each.text for each in mutations.find_mutations("x.py", source)]


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a is not b", ["a is b"]),
        ("a not in b", ["a in b"]),
        ("a == b != c", ["a != b != c", "a == b == c"]),
        ("a or b or c", ["a and b or c", "a or b and c"]),
        ("not a", [" a"]),
        ("a + 1", ["a - 1", "a + 2"]),
        ("x += True", ["x -= True", "x += False"]),
        ("x = a // 1.5", ["x = a * 1.5", "x = a // 2.5"]),
        ("a if b else c", ["a if (not (b)) else c"]),
        ("[a for a in b if c]", ["[a for a in b if (not (c))]"]),
        ("'a == 1'", []),
    ],
)
def test_each_operator_changes_one_place(line: str, changed: list[str]) -> None:
    assert sorted(find_texts(line.encode())) == sorted(text.strip() for text in changed)


def test_texts_types_and_guards_are_left_out() -> None:
    assert find_texts(SOURCE) == [
        "SIZE: int | None = 4",
        "def f(a: int | None, *, strict: bool = False) -> int | str:",
        "if (a",
        "if (not (not (a and SIZE))):",
        "or SIZE):",
        "return 1",
        'return g(a[2:], strict=True) - f"{a + 1}"',
        'return g(a[1:], strict=True) + f"{a + 1}"',
    ]


def test_lines_keep_their_numbers_and_every_change_is_python() -> None:
    for each in mutations.find_mutations("x.py", SOURCE):
        changed = each.apply(SOURCE)
        ast.parse(changed)
        assert changed.count(b"\n") == SOURCE.count(b"\n")
        assert changed != SOURCE


def test_the_sample_of_a_seed_does_not_depend_on_other_parts_of_a_module() -> None:
    before = {each.rank("1") for each in mutations.find_mutations("x.py", SOURCE)}
    longer = b"# a comment\n" + SOURCE + b"def g():\n    return 2\n"
    after = {each.rank("1") for each in mutations.find_mutations("x.py", longer)}
    assert before < after
    assert not before & {each.rank("2") for each in mutations.find_mutations("x.py", SOURCE)}


def test_the_tests_of_a_change_are_those_that_run_its_line() -> None:
    by_line = {"2": [""], "4": ["a.py::1", "a.py::2"], "7": ["a.py::2"]}
    shared = {"2": [""], "7": [""]}  # line 7 runs in a fixture
    records = {
        "a.py": {"seconds": {"a.py::1": 2.0, "a.py::2": 1.0}, "lines": {"x.py": by_line}},
        "b.py": {"seconds": {"b.py::1": 0.5, "b.py::2": 0.4}, "lines": {"x.py": shared}},
        "c.py": {"seconds": {"c.py::1": 0.5}, "lines": {}},
    }
    whole = {"b.py::2": 0.4, "b.py::1": 0.5}
    assert mutating.choose_tests([4, 5], "x.py", records) == {"a.py::2": 1.0, "a.py::1": 2.0}
    assert list(mutating.choose_tests([7], "x.py", records)) == [*whole, "a.py::2"]
    assert mutating.choose_tests([6], "x.py", records) == {}
    assert mutating.choose_tests([7], "y.py", records) == {}


def test_tests_that_have_the_name_of_the_module_come_first_and_some_are_left_out() -> None:
    records = {
        f"{name}.py": {
            "seconds": {f"{name}.py::{n}": seconds for n in range(4)},
            "lines": {"a/x.py": {"1": [f"{name}.py::{n}" for n in range(4)]}},
        }
        for name, seconds in (("test_y", 1.0), ("test_x", 15.0))
    }
    found = mutating.choose_tests([1], "a/x.py", records)
    assert list(found) == [f"test_x.py::{n}" for n in range(3)]
    records["test_x.py"]["seconds"] = {"test_x.py::1": 1000.0}
    assert list(mutating.choose_tests([1], "a/x.py", records)) == ["test_x.py::1"]


def test_listed_mutations_exist() -> None:
    """A line of the list that no mutation has is out of date."""
    listed = mutating.read_equivalent()
    modules = {key.split("\t")[0] for key in listed}
    found = {each.key for each in mutating.list_mutations(mutating.REPOSITORY, sorted(modules))}
    assert set(listed) - found == set()
    assert all(reason.strip() for reason in listed.values())
