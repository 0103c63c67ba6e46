"""Names and words of the product: figures that show whether text is plain technical English."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict

from source import definitions, docstrings, modules

#: Function names that are a participle or a preposition, not a verb.
_NOT_A_VERB = re.compile(
    r"_?([a-z]+ed|kept|held|found|shown|built|told|heard|said|beside|alike"
    r"|of_[a-z]+|in_[a-z]+|without_[a-z]+)"
)
_QUESTION = re.compile(r"(What|Which|Where|How|Why|Who)\b")
_SAY = ("say", "says", "said", "tell", "tells", "told")
_ARCHAIC = (
    *("besides", "beside", "whoever", "whatever", "meanwhile", "anew"),
    *("whose", "whom", "stand", "stands", "lie", "lies"),
)


def test_no_class_name_means_two_things() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules().items():
        for node in definitions(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].add(name)
    assert {name: sorted(found) for name, found in places.items() if len(found) > 1} == {}


def test_functions_are_named_by_verbs() -> None:
    found = [
        f"{name}: {node.name}"
        for name, tree in modules().items()
        for node in definitions(tree)
        if isinstance(node, ast.FunctionDef)
        and _NOT_A_VERB.fullmatch(node.name)
        and not any("property" in ast.unparse(each) for each in node.decorator_list)
    ]
    assert len(found) <= 10, found


def test_module_docstrings_make_statements() -> None:
    texts = {name: ast.get_docstring(tree) or "" for name, tree in modules().items()}
    asking = [name for name, text in texts.items() if _QUESTION.match(text)]
    assert len(asking) <= 3, asking


def test_every_public_definition_has_a_docstring() -> None:
    missing = [
        f"{name}: {node.name}"
        for name, tree in modules().items()
        for node in definitions(tree)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    public = sum(
        not node.name.startswith("_") for tree in modules().values() for node in definitions(tree)
    )
    assert len(missing) <= 0.1 * public, missing


def test_docstrings_use_few_words_that_make_text_hard_to_read() -> None:
    words = Counter(
        word for text in docstrings() for word in re.findall(r"[A-Za-z']+", text.lower())
    )

    def per_thousand(*chosen: str) -> float:
        return 1000 * sum(words[word] for word in chosen) / words.total()

    assert per_thousand("what") <= 2
    assert per_thousand(*_SAY) <= 0.3
    assert per_thousand(*_ARCHAIC) <= 1
