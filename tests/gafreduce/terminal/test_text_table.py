"""Tables and paragraphs fit the terminal, and are plain text where there is none."""

from __future__ import annotations

import pytest

from gafreduce import streams
from gafreduce.streams import StyledLine
from gafreduce.terminal.text_table import TextCell, TextColumn, format_table, get_width, wrap_text

COLUMNS = (TextColumn("organism"), TextColumn("verdict"), TextColumn("gene products", True))
ROWS = [
    [
        TextCell("Bacillus subtilis 168"),
        TextCell("annotated electronically only", "yellow"),
        TextCell("52"),
    ],
    [TextCell("E. coli"), TextCell("no annotation found (not evidence of absence)"), TextCell("")],
]


def format_rows(rows: list[list[TextCell]], width: int) -> list[str]:
    return [str(line) for line in format_table(COLUMNS, rows, width)]


def test_a_file_gets_a_row_for_each_line() -> None:
    assert format_rows(ROWS, 0) == [
        "  organism               verdict                                        gene products",
        "  Bacillus subtilis 168  annotated electronically only                             52",
        "  E. coli                no annotation found (not evidence of absence)",
    ]


@pytest.mark.parametrize("width", [120, 80, 60, 40])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    lines = format_rows(ROWS, width)
    assert max(map(len, lines)) <= width
    assert sorted(" ".join(lines).split()) == sorted(" ".join(format_rows(ROWS, 0)).split())


def test_titles_are_wrapped_before_cells() -> None:
    first, second, *rows = format_rows(ROWS[:1], 62)
    assert (first.split(), second.split()) == (["organism", "verdict", "gene"], ["products"])
    assert rows == ["Bacillus subtilis 168  annotated electronically only        52"]


def test_empty_columns_are_left_out() -> None:
    assert format_rows(ROWS[1:], 0)[0] == f"  organism  {'verdict'}"


def test_cells_cannot_change_the_terminal_or_the_table() -> None:
    rows = [[TextCell("a\x1b[31m\nb"), TextCell(""), TextCell("1")]]
    assert format_rows(rows, 0)[1] == "  a\\u001b[31m\\nb              1"


def test_wide_characters_are_measured() -> None:
    lines = format_rows([[TextCell("\u83cc"), TextCell("v"), TextCell("1")], ROWS[1]], 0)
    assert lines[1].startswith("  \u83cc        v ")


def test_styles_are_shown_by_terminals_with_colours_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = StyledLine((("red\x1b", "red"), (" plain", "")))

    def write(*, is_terminal: bool, **variables: str) -> str:
        for name in ("NO_COLOR", "TERM"):
            monkeypatch.setenv(name, variables.get(name, ""))
        monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
        streams.write_output(line)
        return capsys.readouterr().out

    assert write(is_terminal=True) == "\x1b[31mred\\u001b\x1b[0m plain\n"
    for plain in (
        write(is_terminal=False),
        write(is_terminal=True, NO_COLOR="1"),
        write(is_terminal=True, TERM="dumb"),
    ):
        assert plain == "red\\u001b plain\n"


def test_only_a_terminal_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert get_width() == 0
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert get_width() == 72
    assert wrap_text("", 72) == [""]
