"""Names of organisms in the HTML of the page: genus and species in italics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

from gafreduce.reports.summary.italics import NameRun
from gafreduce.reports.summary.run_results import RunResults

#: A word with more characters may be broken after marks, and after 20 characters without one.
_LONG_WORD = 30
_PART = re.compile(r"[^-._/|:,;]{0,19}[-._/|:,;]|[^-._/|:,;]{1,20}")


class NameMarker:
    """Writes text as HTML with the names of organisms in it in italics."""

    def __init__(
        self, labels: Iterable[str] = (), split: Callable[[str], Sequence[NameRun]] | None = None
    ) -> None:
        """Prepare the search for names in sentences.

        Args:
            labels: Those of the compared organisms, which sentences name.
            split: Returns the parts of a label; none if it is not that of an organism.
        """
        self.split = split or (lambda label: ())
        marked = [each for each in labels if any(run.is_italic for run in self.split(each))]
        ordered = sorted(marked, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @classmethod
    def of_run(cls, results: RunResults) -> NameMarker:
        """Return the marker of the organisms of a run."""
        return cls(map(results.label, results.compared), results.split_label)

    def mark_cell(self, text: str) -> Markup:
        """Return a cell as HTML, in italics if it is the name of an organism."""
        return self._mark(text) or break_long_words(text)

    def mark_names(self, text: str) -> Markup:
        """Return a sentence as HTML, with every name of a compared organism in italics."""
        if self._pattern is None:
            return escape(text)
        parts: list[Markup] = []
        end = 0
        for found in self._pattern.finditer(text):
            parts += [escape(text[end : found.start()]), self._mark(found[0])]
            end = found.end()
        return Markup("").join([*parts, escape(text[end:])])

    def _mark(self, label: str) -> Markup:
        return Markup("").join(
            Markup("<i>{}</i>").format(break_long_words(run.text))
            if run.is_italic
            else break_long_words(run.text)
            for run in self.split(label)
        )


def break_long_words(text: str) -> Markup:
    """Return escaped text with break opportunities, so that no column exceeds the paper."""
    if len(text) <= _LONG_WORD:
        return escape(text)
    words = (
        Markup("<wbr>").join(_PART.findall(word)) if len(word) > _LONG_WORD else escape(word)
        for word in text.split(" ")
    )
    return Markup(" ").join(words)
