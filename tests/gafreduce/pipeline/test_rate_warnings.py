"""Warnings about rates that suggest a file selected on the target term."""

from hypothesis import given
from hypothesis import strategies as st

from gafreduce.pipeline.rate_warnings import _find_median_of_others, find_high_rates
from gafreduce.reports.tables.core_tables import OrganismRow


def test_a_rate_typical_of_selected_files_gives_a_warning():
    def rows(*rates, compared=True):
        names = "abcdef"
        return [
            OrganismRow(n, name, compared, "", 1, rate)
            for n, (name, rate) in enumerate(zip(names, rates, strict=False))
        ]

    (warning,) = find_high_rates(rows(963.0, 2.5, 3.0, None))
    assert warning.startswith(
        "a: 963 of 1,000 gene products in the aspect have the target, 3.0 else"
    )
    for fine in (rows(963.0), rows(963.0, 700.0), rows(250.0, 2.0), rows(), rows(None, None)):
        assert list(find_high_rates(fine)) == []
    assert list(find_high_rates(rows(963.0, 2.5, compared=False))) == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.data())
def test_median_of_the_other_organisms(numbers: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(numbers) - 1))
    others = sorted(numbers[:place] + numbers[place + 1 :])
    expected = others[len(others) // 2] if others else numbers[place]
    assert _find_median_of_others(sorted(numbers), numbers[place]) == expected
