"""The table of prices: complete, dated, and replaceable."""

import datetime
import json
from importlib.resources import files

import pytest

from gafreduce.errors import InputError
from gafreduce.estimates.rates import describe_age, read_prices, read_rates

PACKAGED = json.loads((files("gafreduce.estimates") / "prices.json").read_text("utf-8"))


def test_every_price_has_its_page_of_amazon():
    for price in PACKAGED["prices"].values():
        assert price["page"].startswith("https://aws.amazon.com/")
        assert price["usd"] > 0


def test_another_table_replaces_that_of_the_package(tmp_path):
    changed = json.loads(json.dumps(PACKAGED))
    changed["prices"]["emr_node_hour"]["usd"] = 7
    changed["region"] = "eu-central-1"
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(changed))
    found = read_prices(path)
    assert (found.emr_node_hour, found.region) == (7, "eu-central-1")
    assert found.s3_put == read_prices().s3_put == 0.000005


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a table of prices in JSON"),
        ("[]", "expected a table of prices in JSON"),
        (json.dumps({**PACKAGED, "date": "yesterday"}), "expected a table of prices in JSON"),
        (json.dumps({**PACKAGED, "prices": {}}), "expected the price 'lambda_gb_second', got none"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_prices(path)


def test_prices_older_than_a_year_are_named():
    prices = read_prices()._replace(date="2026-01-31")
    assert describe_age(prices, datetime.date(2027, 1, 31)) == ""
    assert "prices are of 2026-01-31, 366 days old" in describe_age(
        prices, datetime.date(2027, 2, 1)
    )


def test_target_scope_has_fewer_rows():
    assert read_rates("target").local.rows_of_line < 0.001
