"""The service: its answers against the tables, its refusals, and that nothing can be changed."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from gafreduce.publishing.run_folder import SEARCH_DATABASE, RunFolder
from gafreduce.reports.tables.reader import read_rows, split_list
from gafreduce.service import answers, store
from gafreduce.service.application import Settings, make_application
from gafreduce.service.formats import choose_format
from gafreduce.service.library import OneDatabase
from gafreduce.service.resources import RESOURCES, Statement
from gafreduce.service.search_database import TABLES, build_database, is_current, open_database
from gafreduce.service.served_runs import find_served_runs
from gafreduce.service.store import Reading, Store, TooSlowError
from gafreduce.storage.s3 import Access

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Command = Callable[..., tuple[int, str, str]]


def call(*arguments: object) -> None:
    from gafreduce.cli.main import main

    assert main([str(argument) for argument in arguments]) == 0


@pytest.fixture(scope="module")
def parent(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two runs; the first has a search database and a page."""
    folder = tmp_path_factory.mktemp("served")
    common = ("run", samples, "--ontology", samples / "go-samples.obo", "--no-report", "-q", "-o")
    call(*common, folder / "first", "--search")
    call(*common, folder / "second", "--exclude-evidence", "IEA")
    (folder / "first" / "report.html").write_text("<!DOCTYPE html><title>the page</title>")
    return folder


@pytest.fixture(scope="module")
def first(parent: Path) -> RunFolder:
    return RunFolder(parent / "first")


@pytest.fixture(scope="module")
def client(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    served = find_served_runs([str(parent)], Access(), tmp_path_factory.mktemp("scratch"))
    library = OneDatabase(served.database, served.pages)
    settings = Settings(("https://lab.example.org",))
    with TestClient(make_application(library, settings)) as made:
        yield made


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def read_list(client: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def expect(folder: RunFolder, name: str, **cells: str) -> list[dict[str, str]]:
    return [
        row
        for row in read_rows(folder, name)
        if all(row[key] == value for key, value in cells.items())
    ]


def test_every_cell_of_every_table_is_served(client: TestClient, first: RunFolder) -> None:
    for resource in RESOURCES:
        rows = list(read_rows(first, resource.table.name))
        found: list[dict[str, Any]] = []
        of_run = {"run": first.run_id} if resource.name != "runs" else {}
        while True:
            page = read_list(client, f"/{resource.name}", limit=1000, offset=len(found), **of_run)
            found += page["items"]
            if "next" not in page["links"]:
                break
        found = [each for each in found if each["run_id"] == first.run_id]
        assert len(found) == len(rows) > 0
        for row, item in zip(rows, found, strict=True):
            for column in resource.columns:
                value, cell = item[column.name], row.get(column.name, first.run_id)
                if value is None:
                    assert cell == ""
                elif column.type in ("texts", "integers"):
                    assert list(map(str, value)) == split_list(str(cell))
                elif column.type == "boolean":
                    assert value is (cell == "true")
                else:
                    assert str(value) == cell


def test_filters_select_the_rows_of_the_tables(client: TestClient, first: RunFolder) -> None:
    run = str(first.run_id)
    n_target = len(
        [
            row
            for row in read_rows(first, "gene_products")
            if "GO:0030420" in split_list(row["go_ids"])
        ]
    )
    n_of_organism = len(
        [row for row in read_rows(first, "terms") if "224308" in split_list(row["organism_ids"])]
    )
    for path, parameters, expected in (
        ("/organisms", {"verdict": "electronic_only"}, len(expect(first, "organisms", verdict="electronic_only"))),
        ("/organisms", {"compared": "true"}, 7),
        ("/organisms", {"complete": "false"}, len(expect(first, "organisms", complete="false"))),
        ("/gene-products", {"organism": "224308"}, len(expect(first, "gene_products", organism_id="224308"))),
        ("/gene-products", {"term": "GO:0030420"}, n_target),
        ("/gene-products", {"term": "GO:003042"}, 0),
        ("/gene-products", {"evidence_group": "electronic"}, len(expect(first, "gene_products", best_group="electronic"))),
        ("/annotations", {"evidence_code": "IEA"}, len(expect(first, "annotations", evidence_code="IEA"))),
        ("/annotations", {"negated": "true"}, len(expect(first, "annotations", negated="true"))),
        ("/terms", {"organism": "224308"}, n_of_organism),
        ("/terms", {"membership_propagated": "partial_only"}, len(expect(first, "terms", membership_propagated="partial_only"))),
    ):  # fmt: skip
        found = read_list(client, path, run=run, **parameters)
        assert found["total"] == expected, (path, parameters)
    assert read_list(client, "/runs", target="GO:0030420")["total"] == 2


def test_rows_are_sorted_cut_and_paged_by_links(client: TestClient, first: RunFolder) -> None:
    numbers = sorted(
        (int(row["n_target_gene_products"]) for row in read_rows(first, "organisms")), reverse=True
    )
    path = "/organisms"
    found: list[int] = []
    parameters: dict[str, Any] | None = {
        "run": first.run_id,
        "sort": "-n_target_gene_products,organism_id",
        "fields": "n_target_gene_products",
        "limit": 3,
    }
    while path:
        answer = client.get(path, params=parameters)
        page = answer.json()
        assert all(list(item) == ["n_target_gene_products"] for item in page["items"])
        found += [item["n_target_gene_products"] for item in page["items"]]
        links = page["links"]
        assert all(
            f'<{target}>; rel="{name}"' in answer.headers["link"] for name, target in links.items()
        )
        path, parameters = links.get("next", ""), None
    assert found == numbers
    assert "prev" in links


def test_formats_by_suffix_and_by_accept(client: TestClient, first: RunFolder) -> None:
    parameters = {
        "run": first.run_id,
        "fields": "organism,verdict,partial_reasons",
        "sort": "organism_id",
    }
    expected = [
        [row["organism"], row["verdict"], row["partial_reasons"]]
        for row in sorted(read_rows(first, "organisms"), key=lambda row: row["organism_id"])
    ]
    by_suffix = client.get("/organisms.csv", params=parameters)
    by_header = client.get("/organisms", params=parameters, headers={"Accept": "text/csv"})
    assert by_suffix.text == by_header.text
    assert list(csv.reader(io.StringIO(by_suffix.text)))[1:] == expected
    tsv = client.get("/organisms.tsv", params=parameters)
    assert [line.split("\t") for line in tsv.text.splitlines()][1:] == expected
    assert tsv.headers["content-type"].startswith("text/tab-separated-values")
    refused = client.get("/organisms", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["title"]) == (406, "Not Acceptable")
    assert choose_format("text/csv;q=nonsense, application/json;q=0.1") == "json"


def test_one_row_by_its_key(client: TestClient, first: RunFolder) -> None:
    run = first.run_id
    found = client.get(f"/gene-products/{run}/83333/UniProtKB:P37443").json()
    assert (found["symbol"], found["status"]) == ("ycaI", "positive")
    assert client.get(f"/organisms/{run}/83333").json()["n_target_gene_products"] == 2
    assert client.get(f"/terms/{run}/GO:0030420").json()["term_class"] == "target"
    assert client.get(f"/runs/{run}").json()["n_inputs"] == 7
    missing = client.get(f"/gene-products/{run}/83333/a/b")
    assert (missing.status_code, missing.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


def test_search_finds_products_and_terms(client: TestClient, first: RunFolder) -> None:
    def search(text: str, **more: Any) -> Counter[tuple[str, str]]:
        items = read_list(client, "/search", q=text, limit=100, **more)["items"]
        return Counter((item["kind"], item["id"]) for item in items)

    run = first.run_id
    com_k = {
        row["object_id"] for row in read_rows(first, "gene_products") if row["symbol"] == "comK"
    }
    assert {key[1] for key in search("COMK", run=run, kind="gene-products")} >= com_k > set()
    assert search("P37443")["gene-products", "UniProtKB:P37443"] >= 1
    assert search("GO:0030420", run=run, kind="terms") == {("terms", "GO:0030420"): 1}
    assert ("terms", "GO:0030420") in search("competence transf", run=run)  # all words, any order
    assert ("terms", "GO:0030420") in search("establ", run=run)  # the beginning of one
    assert search("competence nothing-like-this") == {}
    with_synonym = next(row for row in read_rows(first, "gene_products") if row["synonyms"])
    synonym = split_list(with_synonym["synonyms"])[0]
    assert ("gene-products", with_synonym["object_id"]) in search(synonym, run=run)


def test_answers_are_cached_compressed_and_open_to_one_site(client: TestClient) -> None:
    answer = client.get("/annotations", headers={"Origin": "https://lab.example.org"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] == "https://lab.example.org"
    assert "max-age=60" in answer.headers["cache-control"]
    etag = answer.headers["etag"]
    same = client.get("/annotations", headers={"If-None-Match": f'"x", {etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    other = client.get("/annotations", params={"limit": 5}, headers={"If-None-Match": etag})
    assert other.status_code == 200
    foreign = client.get("/annotations", headers={"Origin": "https://other.example.org"})
    assert "access-control-allow-origin" not in foreign.headers


def test_the_page_of_a_run_and_the_page_to_try(client: TestClient, first: RunFolder) -> None:
    page = client.get(f"/runs/{first.run_id}/page")
    assert "the page" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client.get("/runs/nothing/page").status_code == 404
    tried = client.get("/try")
    assert tried.status_code == 200
    for outside in ("http://", "https://", "src=", "@import"):
        assert outside not in tried.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_method_can_change_anything(client: TestClient, method: str) -> None:
    for path in ("/runs", "/organisms", "/search", "/"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["status"]) == (405, 405)


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("/organisms", {"nothing": "1"}, "nothing: expected one of run, organism"),
        ("/organisms", {"verdict": "good"}, "verdict: expected one of experimental"),
        ("/organisms", {"compared": "maybe"}, "compared: expected one of true, false"),
        ("/organisms", {"limit": "0"}, "limit: expected a number from 1 to 1000"),
        ("/organisms", {"limit": "1001"}, "limit: expected"),
        ("/organisms", {"offset": "-1"}, "offset: expected"),
        ("/organisms", {"offset": "1_0"}, "offset: expected"),
        ("/organisms", {"sort": "line"}, "sort: expected columns"),
        ("/organisms", {"fields": ""}, "fields: expected columns"),
        ("/organisms", {"run": "x" * 201}, "run: expected at most 200 characters"),
        ("/organisms", [("run", "a"), ("run", "b")], "run: expected it once"),
        ("/search", {}, "q: expected words"),
        ("/search", {"q": "x", "kind": "all"}, "kind: expected one of gene-products, terms"),
        ("/search", {"q": "x", "limit": "101"}, "limit: expected a number from 1 to 100"),
        ("/search", {"q": "x", "offset": "1"}, "offset: expected one of q, kind, run, limit"),
    ],
)
def test_wrong_requests_are_refused_in_words(
    client: TestClient, path: str, parameters: Any, message: str
) -> None:
    answer = client.get(path, params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert message in answer.json()["detail"]


def test_the_description_is_openapi_and_every_answer_fits_it(
    client: TestClient, described: dict[str, Any], first: RunFolder
) -> None:
    assert described["openapi"].startswith("3.1")
    values = {
        "run_id": str(first.run_id),
        "organism_id": "83333",
        "object_id": "UniProtKB:P37443",
        "go_id": "GO:0030420",
    }
    for methods in described["paths"].values():  # examples are what they are examples of
        for response in methods["get"]["responses"].values():
            for content in response.get("content", {}).values():
                if "example" in content:
                    schema = {**content["schema"], "components": described["components"]}
                    jsonschema.validate(content["example"], schema)
    problem = described["components"]["schemas"]["Problem"]
    jsonschema.validate(problem["example"], problem)
    n_seen = 0
    for path, methods in described["paths"].items():
        assert list(methods) == ["get"]
        target = path.format(**values)
        if path == "/search":
            target += "?q=com"
        for address in (
            target,
            target.replace(values["run_id"], "nothing"),
            f"{target}{'&' if '?' in target else '?'}limit=x",
        ):
            answer = client.get(address)
            responses = methods["get"]["responses"]
            assert str(answer.status_code) in responses, address
            content = responses[str(answer.status_code)]["content"]
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in content, address
            if kind.endswith("json"):
                schema = {**content[kind]["schema"], "components": described["components"]}
                jsonschema.validate(answer.json(), schema)
                n_seen += 1
    assert n_seen > 25


HOSTILE = (
    *("'; DROP TABLE runs; --", '" OR 1=1', "NEAR(", "*", "^", "a AND", "-", "()", "\x00", "''"),
    *("x' UNION SELECT sql FROM sqlite_master --", "../../../etc/passwd", "%2e%2e%2f", "{a:b}"),
    *("name : x", "\u202e", "\U0001f9ec", "col1:col2", '"""', "A" * 200, "; ATTACH 'x' AS y"),
)


def test_hostile_requests_change_and_reveal_nothing(
    client: TestClient, parent: Path, first: RunFolder
) -> None:
    """A short form of the ten thousand of `make test-api`."""
    files = {path: path.read_bytes() for path in parent.rglob("*") if path.is_file()}
    total = read_list(client, "/terms")["total"]
    statuses = check_hostile(
        client, str(parent), int(os.environ.get("GAFREDUCE_HOSTILE_REQUESTS", "300"))
    )
    assert statuses.keys() <= {200, 304, 404, 405, 406, 422}
    assert {200, 404, 422} <= statuses.keys()  # requests of all kinds were among them
    assert read_list(client, "/runs", offset=0)["total"] == 2
    assert read_list(client, "/terms", offset=0)["total"] == total
    assert {path: path.read_bytes() for path in parent.rglob("*") if path.is_file()} == files


def check_hostile(client: TestClient, place: str, n_requests: int) -> Counter[int]:
    """Send requests; check that none reveals files, SQL or code. Return their statuses."""
    chooser = random.Random(20261130)
    filters = sorted({each.name for resource in RESOURCES for each in resource.filters})
    names = [*filters, "q", "sort", "fields", "limit", "offset", "kind", "nothing"]
    paths = [
        *(f"/{resource.name}{suffix}" for resource in RESOURCES for suffix in ("", ".csv", ".tsv")),
        *("/search", "/search.csv", "/runs/{}", "/organisms/{}/{}", "/gene-products/{0}/{0}/{0}"),
        *("/runs/{}/page", "/{}", "/../{}", "/%2e%2e/{}", "/runs/..%2f..%2f{}/page", "//{}"),
    ]
    headers = ("accept", "if-none-match", "range", "x-forwarded-host", "accept-encoding", "cookie")
    secrets = (place, "sqlite3", "CREATE TABLE", "Traceback", "root:", "site-packages", ".py")
    statuses: Counter[int] = Counter()
    for number in range(n_requests):
        texts = [chooser.choice(HOSTILE) + chooser.choice(("", "x", "'")) for _ in range(3)]
        path = chooser.choice(paths).format(*(urllib.parse.quote(text, safe="/") for text in texts))
        parameters = {chooser.choice(names): chooser.choice(texts) for _ in range(number % 3 + 1)}
        value = chooser.choice(texts).encode("ascii", "ignore").replace(b"\x00", b"")
        method = chooser.choice(("GET",) * 7 + ("HEAD", "POST", "DELETE"))
        answer = client.request(
            method, path, params=parameters, headers={chooser.choice(headers): value.decode()}
        )
        statuses[answer.status_code] += 1
        revealed = [each for each in secrets if each in answer.text]
        assert revealed == [], (path, parameters, answer.text)
        assert not any(place in each for each in answer.headers.values())
        assert len(answer.content) < 4_000_000
    return statuses


def test_the_connection_cannot_write_or_attach(first: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    shutil.copy((first.path / SEARCH_DATABASE), path)
    before = path.read_bytes()
    connection = open_database(path)
    for text in (
        "DELETE FROM runs",
        "DROP TABLE runs",
        f"ATTACH '{tmp_path / 'y'}' AS y",
        "CREATE TABLE z (a)",
    ):
        with pytest.raises(sqlite3.Error):
            connection.execute(text)
    connection.close()
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["x.sqlite"]


def test_answers_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_MOST_KEPT", 10_000)
    monkeypatch.setattr(answers, "_MOST_OF_ONE", 5_000)
    kept = answers._KeptAnswers()
    contents = {f"tag {n}": answers._Content(bytes(2_000)) for n in range(5)}
    for etag, content in contents.items():
        kept.add(etag, content)
        kept.add(etag, content)  # the same again takes no room
        assert kept.find("tag 0") is contents["tag 0"]  # asked for each time, so never the oldest
    assert [etag for etag in contents if kept.find(etag)] == ["tag 0", "tag 3", "tag 4"]
    kept.add("large", answers._Content(bytes(4_000)))
    assert kept.find("large") is None


def test_a_slow_request_goes_on_in_a_thread_and_is_stopped_there(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[threading.Thread] = []
    read = Reading.read

    def read_slowly(reading: Reading, statement: Statement) -> Any:
        where.append(threading.current_thread())
        if len(where) == 1:
            raise TooSlowError
        return read(reading, statement)

    monkeypatch.setattr(Reading, "read", read_slowly)
    assert client.get("/organisms?limit=3&offset=1").status_code == 200
    assert len(set(where)) == 2


def test_head_has_the_headers_of_get(client: TestClient, first: RunFolder) -> None:
    for path in ("/organisms", "/search?q=comK", f"/runs/{first.run_id}", "/", "/try"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.headers.get("etag")) == (200, get.headers.get("etag")), path


def test_search_and_single_rows_have_all_formats(client: TestClient, first: RunFolder) -> None:
    by_suffix = client.get("/search.csv?q=comK&limit=5")
    by_header = client.get("/search?q=comK&limit=5", headers={"Accept": "text/csv"})
    assert by_suffix.text == by_header.text
    rows = list(csv.DictReader(io.StringIO(by_suffix.text)))
    items = client.get("/search?q=comK&limit=5").json()["items"]
    assert [row["id"] for row in rows] == [item["id"] for item in items] != []
    one = client.get(f"/runs/{first.run_id}", headers={"Accept": "text/tab-separated-values"})
    names, cells = (line.split("\t") for line in one.text.splitlines())
    assert dict(zip(names, cells, strict=True))["n_inputs"] == "7"


def test_a_slow_statement_is_stopped(first: RunFolder) -> None:
    database = Store((first.path / SEARCH_DATABASE), 0.05)
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    )
    with pytest.raises(TooSlowError):
        database.begin().read(Statement(endless, ()))
    assert database.begin().read(Statement("SELECT count(*) FROM runs", ())) == [(1,)]


def test_each_request_has_a_time_limit(first: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_N_INSTRUCTIONS", 1)  # the database is small
    library = OneDatabase(first.path / SEARCH_DATABASE, seconds=0.0)
    with TestClient(make_application(library)) as client:
        for path in ("/terms", "/terms.csv?sort=-name", "/search?q=comK", f"/runs/{first.run_id}"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), path
            assert answer.headers["content-type"] == "application/problem+json"
        assert client.get("/").status_code == 200


def test_a_slow_request_is_answered_as_a_problem(
    first: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Any:
        raise TooSlowError

    monkeypatch.setattr(Reading, "read", fail)
    with TestClient(make_application(OneDatabase(first.path / SEARCH_DATABASE))) as client:
        answer = client.get("/runs")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "name a run" in answer.json()["detail"]


def test_the_search_database_is_a_file_of_the_run_with_the_same_bytes_again(
    first: RunFolder, tmp_path: Path
) -> None:
    assert "extras/search.sqlite" in first.read_rows()
    build_database([first], tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (first.path / SEARCH_DATABASE).read_bytes()
    assert is_current(first.path / SEARCH_DATABASE)
    assert not is_current(first.record)
    connection = sqlite3.connect(first.path / SEARCH_DATABASE)
    for table in TABLES:
        (number,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        assert number == len(list(read_rows(first, table.name)))
    (checked,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert checked == "ok"
    connection.close()


def test_datasette_opens_the_search_database(first: RunFolder) -> None:
    program = os.environ.get("GAFREDUCE_DATASETTE") or shutil.which("datasette")
    if program is None:
        pytest.skip("needs Datasette: make test-api")

    def ask(path: str) -> Any:
        command = [program, "serve", "-i", str(first.path / SEARCH_DATABASE), "--get", path]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    tables = {each["name"]: each["count"] for each in ask("/search.json")["tables"]}
    for table in TABLES:
        assert tables[table.name] == len(list(read_rows(first, table.name)))
    found = ask("/search/gene_products.json?_search=comK&_shape=array")
    with_symbol = expect(first, "gene_products", symbol="comK")
    assert {row["object_id"] for row in with_symbol} <= {row["object_id"] for row in found}
    assert with_symbol


def test_a_single_run_is_served_from_its_own_database(
    parent: Path, first: RunFolder, tmp_path: Path
) -> None:
    served = find_served_runs([str(first.path)], Access(), tmp_path)
    assert served.database == (first.path / SEARCH_DATABASE)
    made = find_served_runs([str(parent / "second")], Access(), tmp_path)
    assert made.database == tmp_path / "search.sqlite"


def test_places_without_runs_and_runs_named_twice_are_refused(
    gafreduce: Command, parent: Path, first: RunFolder, tmp_path: Path
) -> None:
    code, _, errors = gafreduce("serve", tmp_path)
    assert (code, "expected a run folder or a parent of run folders" in errors) == (1, True)
    code, _, errors = gafreduce("serve", parent, first.path)
    assert (code, "expected another run than" in errors) == (1, True)
    code, _, errors = gafreduce("serve", parent, "--port", "70000")
    assert (code, "--port: expected a number up to 65535" in errors) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, errors = gafreduce("serve", first.path, "--port", taken.getsockname()[1])
    assert (code, "expected to listen there" in errors) == (3, True)


def test_without_the_extra_the_packages_are_named(
    gafreduce: Command, parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, _, errors = gafreduce("serve", parent)
    assert (code, "pip install 'gafreduce[serve]'" in errors) == (2, True)


def test_the_command_serves_until_it_is_terminated(first: RunFolder, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gafreduce", "serve", str(first.path), "--port", str(port)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        assert line.startswith(f"http://127.0.0.1:{port}/ serves 1 runs")
        for _ in range(100):
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/runs?fields=run_id"
                ) as answer:
                    found = json.load(answer)
                break
            except OSError:
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"gafreduce: the service stopped\n")
    assert found["items"] == [{"run_id": first.run_id}]
    assert list(tmp_path.iterdir()) == []


def test_runs_in_s3_are_served(
    parent: Path, first: RunFolder, s3_client: Any, tmp_path: Path
) -> None:
    s3_client.create_bucket(Bucket="results")
    for path in parent.rglob("*"):
        if path.is_file() and not (path.name == "MANIFEST.tsv" and path.parent.name == "second"):
            s3_client.upload_file(
                str(path), "results", f"runs/{path.relative_to(parent).as_posix()}"
            )
    served = find_served_runs(["s3://results/runs"], Access(), tmp_path)
    assert list(served.runs) == [first.run_id]  # the other one has no manifest yet
    assert served.database.read_bytes() == (first.path / SEARCH_DATABASE).read_bytes()
    assert served.pages[str(first.run_id)].read_text().endswith("the page</title>")
