"""`gafreduce fetch` against a server that is laid out like the real ones, and misbehaves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from go_server import Fault, GoServer, pack, serve

from gafreduce.errors import InputError
from gafreduce.fetching import download
from gafreduce.fetching.download import Downloader, NotThereError, OfflineError
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables.reader import read_rows
from gafreduce.storage.s3_prefix import Prefix
from gafreduce.terminal.download_line import DownloadLine

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoServer]:
    with serve() as go:
        go.add_samples(samples)
        monkeypatch.setenv("GAFREDUCE_GO_CURRENT_URL", f"{go.address}/current")
        monkeypatch.setenv("GAFREDUCE_GO_RELEASE_URL", f"{go.address}/release/")
        monkeypatch.setenv("GAFREDUCE_GOA_URL", f"{go.address}/goa")
        monkeypatch.setattr(download, "_ATTEMPTS", 3)
        monkeypatch.setattr(download.random, "uniform", lambda a, b: 0.0)
        yield go


@pytest.fixture
def fetch(gafreduce: Command, tmp_path: Path) -> Command:
    def run(*arguments: object) -> tuple[int, str, str]:
        return gafreduce("fetch", *arguments, "--cache", tmp_path / "cache")

    return run


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_two_commands_lead_from_nothing_to_an_answer(
    server: GoServer, fetch: Command, gafreduce: Command, tmp_path: Path, samples: Path
) -> None:
    folder = tmp_path / "data"
    code, out, err = fetch("bacsu", "83333", "E. coli K12", "-o", folder)
    assert (code, err) == (0, "")
    assert "gafreduce run" in out
    assert sorted(path.name for path in folder.iterdir()) == [
        *("BACSU-uniprot.gaf.gz", "CITATION.txt", "ECOLI-mod.gaf.gz", "SOURCES.tsv"),
        *("go-basic.obo", "inputs.tsv"),
    ]
    for row in read_table(folder / "SOURCES.tsv"):
        content = (folder / row["file"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["bytes"] == str(len(content))
        assert (row["release"], row["licence"]) == ("2026-06-19", "CC BY 4.0")
        assert row["address"].startswith(server.address)
    assert "https://doi.org/10.5281/zenodo.20943148" in (folder / "CITATION.txt").read_text()
    assert server.agents == {download._AGENT}
    assert gafreduce("run", folder, "--no-report", "-q", "-o", tmp_path / "run")[0] == 0
    rows = {row["organism_id"]: row for row in read_rows(RunFolder(tmp_path / "run"), "organisms")}
    assert {key: row["n_target_gene_products"] for key, row in rows.items()} == {
        "224308": "52",
        "83333": "2",
    }
    assert rows["83333"]["organism"] == "Escherichia coli K12"
    assert rows["83333"]["complete"] == "true"


def test_the_founding_seven_are_taken_from_goa_together(
    server: GoServer, fetch: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    words = ["BACSU", "ECOLI", "326423", "592022", "20380", "geobacillus KAUSTOPHILUS", "420246"]
    assert fetch(*words, "-o", folder)[0] == 0
    assert "GO's release has no file for 326423" in caplog.text
    rows = read_table(folder / "SOURCES.tsv")
    assert [row["source"] for row in rows] == ["goa"] * 7 + ["go"]
    assert [row["taxon_id"] for row in read_table(folder / "inputs.tsv")] == [
        *("224308", "83333", "326423", "592022", "279010", "235909", "420246"),
    ]
    assert (folder / "20380.B_licheniformis_ATCC_14580.goa").is_file()
    assert "proteome sets" in (folder / "CITATION.txt").read_text()


def test_releases_before_june_2026_have_other_names(
    server: GoServer, fetch: Command, tmp_path: Path
) -> None:
    old = ("--release", "2026-05-01", "-o", tmp_path / "old")
    assert fetch("ECOLI", *old)[0] == 0
    assert (tmp_path / "old" / "ecocyc.gaf.gz").is_file()
    code, _, err = fetch("BACSU", "--release", "2026-05-01", "-o", tmp_path / "none")
    assert code == 1
    assert "BACSU: expected an organism of GO's release" in err
    n_requests = len(server.requests)
    assert fetch("ECOLI", "--release", "2026-05-01", "-o", tmp_path / "again")[0] == 0
    fixed = [path for path, _ in server.requests[n_requests:] if path.endswith((".gz", ".obo"))]
    assert fixed == []  # a dated release never changes


def test_groups_lists_and_the_ontology_alone(
    server: GoServer, fetch: Command, tmp_path: Path
) -> None:
    code, out, _ = fetch("--list", "bacillus")
    assert code == 0
    names = [line.split("\t")[5] for line in out.splitlines()[1:]]
    assert names == [
        "Bacillus subtilis",
        *("Bacillus amyloliquefaciens FZB42", "Bacillus licheniformis ATCC 14580"),
        *("Bacillus licheniformis DSM 13", "Bacillus megaterium DSM 319", "Bacillus subtilis 168"),
    ]
    assert fetch("--taxon-group", "bacteria", "-o", tmp_path / "group")[0] == 0
    assert len(read_table(tmp_path / "group" / "inputs.tsv")) == 2
    assert fetch("--ontology-only", "-o", tmp_path / "ontology")[0] == 0
    names = sorted(path.name for path in (tmp_path / "ontology").iterdir())
    assert names == ["CITATION.txt", "SOURCES.tsv", "go-basic.obo"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("279010",), 1, "expected one organism, got 2: Bacillus licheniformis ATCC 14580"),
        (("Bacillus nobody",), 1, "got none of that name"),
        (("326423", "--source", "go"), 1, "--source goa has more"),
        (("326423", "--release", "2026-06-19"), 1, "GOA's proteomes are current only"),
        (("DROME",), 1, "expected its annotation file, got none"),
        (("BACSU", "--release", "June"), 1, "expected current or a date"),
        (("BACSU", "--taxon-group", "birds"), 2, "expected one of amoebae"),
        ((), 2, "expected at least one"),
    ],
)
def test_faults_of_the_command_are_named(
    server: GoServer,
    fetch: Command,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    found, _, err = fetch(*arguments, "-o", tmp_path / "data")
    assert found == code
    assert message in err
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_a_folder_with_files_is_refused_before_anything_is_downloaded(
    server: GoServer, fetch: Command, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine").touch()
    assert fetch("BACSU", "-o", tmp_path / "data")[0] == 1
    assert server.requests == []


PATH = "/current/annotations/gaf/BACSU-uniprot.gaf.gz"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("cut", 2),
        Fault("status", 1, "429 0"),
        Fault("status", 2, "503"),
        Fault("page"),
        Fault("short"),
        Fault("long"),
        Fault("redirect", 1, "/current/annotations/gaf/moved.gaf.gz"),
    ],
    ids=lambda fault: fault.kind,
)
def test_faults_of_the_server_end_in_the_right_file(
    server: GoServer, tmp_path: Path, fault: Fault
) -> None:
    content = server.files[PATH]
    server.files["/current/annotations/gaf/moved.gaf.gz"] = content
    server.faults[PATH] = fault
    waits: list[float] = []
    found = Downloader(tmp_path / "cache", sleep=waits.append).get(server.address + PATH)
    assert found.path.read_bytes() == content
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    if fault.kind == "cut":
        ranges = [asked for path, asked in server.requests if path == PATH]
        half = len(content) // 2
        assert ranges == ["", f"bytes={half}-", f"bytes={half + (len(content) - half) // 2}-"]


def test_a_server_without_ranges_and_a_changed_file_begin_again(
    server: GoServer, tmp_path: Path
) -> None:
    text = "!gaf-version: 2.2\n" + "line\n" * 500
    path = "/goa/proteomes/1.goa"
    server.files[path] = b"!gaf-version: 2.1\n" + b"other\n" * 600
    server.faults[path] = Fault("change", 1, text)
    downloader = Downloader(tmp_path / "cache", sleep=lambda seconds: None)
    assert downloader.get(server.address + path).path.read_text() == text
    server.files[PATH + "2.gz"] = content = pack(os.urandom(5000))
    server.faults[PATH + "2.gz"] = Fault("cut")
    found = downloader.get(server.address + PATH + "2.gz")
    assert found.path.read_bytes() == content


@pytest.mark.parametrize("kind", ["cut", "page", "short", "status"])
def test_a_server_that_never_recovers_leaves_nothing_that_looks_whole(
    server: GoServer, fetch: Command, tmp_path: Path, kind: str
) -> None:
    server.faults[PATH] = Fault(kind, 10_000, "503 0")
    server.files[PATH] = server.files[PATH][:64] if kind == "cut" else server.files[PATH]
    code, _, err = fetch("BACSU", "-o", tmp_path / "data")
    assert code == 3
    assert "BACSU-uniprot.gaf.gz: expected the file, got" in err
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    cached = Downloader(tmp_path / "cache").list_cached()
    assert PATH not in {each.url.removeprefix(server.address) for each in cached}


def test_a_server_that_gets_less_far_each_other_time_is_given_up(
    server: GoServer, tmp_path: Path
) -> None:
    server.faults[PATH] = Fault("uneven", 10_000)
    downloader = Downloader(tmp_path / "cache", sleep=lambda seconds: None)
    with pytest.raises(OfflineError, match=r"got [\d,]+ of [\d,]+ bytes"):
        downloader.get(server.address + PATH)
    assert server.count(PATH) < 10


def test_a_full_disk_is_named_and_not_tried_again(
    server: GoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    monkeypatch.setattr(download._Part, "open", lambda part: full.open("ab", buffering=0))
    with pytest.raises(InputError, match="expected to write it, got No space left on device"):
        Downloader(tmp_path / "cache").get(server.address + PATH)
    assert server.count(PATH) == 1


@pytest.mark.parametrize("target", ["http://example.org/x", "ftp://example.org/x"])
def test_a_redirect_does_not_leave_https(target: str) -> None:
    request = urllib.request.Request("https://example.org/x")
    redirects = download._Redirects()
    with pytest.raises(NotThereError, match=r"a redirect to .*, which is not HTTPS"):
        redirects.redirect_request(request, None, 302, "", {}, target)
    assert redirects.redirect_request(request, None, 302, "", {}, "https://example.net/x")


def test_retry_after_is_respected(server: GoServer, tmp_path: Path) -> None:
    server.faults[PATH] = Fault("status", 1, "429 7")
    waits: list[float] = []
    Downloader(tmp_path / "cache", sleep=waits.append).get(server.address + PATH)
    assert waits == [7.0]


def test_offline_the_cache_is_used_and_named(
    server: GoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    downloader = Downloader(tmp_path / "cache", sleep=lambda seconds: None)
    url = server.address + PATH
    first = downloader.get(url)
    assert downloader.get(url) == first
    assert server.count(PATH) == 2  # asked whether it changed: 304
    server.faults[PATH] = Fault("status", 10_000, "503 0")
    assert downloader.get(url) == first
    assert "the copy of Fri, 19 Jun 2026" in caplog.text
    with pytest.raises(OfflineError):
        downloader.get(f"{server.address.rpartition(':')[0]}:1/x.gaf")
    with pytest.raises(NotThereError):
        downloader.get(f"{server.address}/x.gaf")
    first.path.write_bytes(b"cut")  # by a full disk, or a hand
    server.faults.clear()
    assert downloader.get(url).path.read_bytes() == server.files[PATH]


def test_another_address_is_taken_where_the_first_cannot_be_reached(
    server: GoServer,
    fetch: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As of a public bucket beside the site. After the first file there is no way back."""
    nobody = f"{server.address.rpartition(':')[0]}:1"
    both = f"{nobody}/current {server.address}/current/"
    monkeypatch.setenv("GAFREDUCE_GO_CURRENT_URL", both)
    assert fetch("BACSU", "-o", tmp_path / "data")[0] == 0
    assert caplog.text.count(f"trying {server.address}/current") == 1
    addresses = {row["address"] for row in read_table(tmp_path / "data" / "SOURCES.tsv")}
    assert all(address.startswith(f"{server.address}/current/") for address in addresses)
    monkeypatch.setenv("GAFREDUCE_GO_CURRENT_URL", f"{server.address}/current {nobody}/other")
    server.faults["/current/annotations/gaf/ECOLI-mod.gaf.gz"] = Fault("status", 1000, "503 0")
    code, _, err = fetch("ECOLI", "-o", tmp_path / "more")
    assert code == 3
    assert "other" not in err


def test_a_folder_is_put_into_s3_whole_or_not_at_all(
    server: GoServer,
    fetch: Command,
    gafreduce: Command,
    tmp_path: Path,
    s3_client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3_client.create_bucket(Bucket="mine")

    def list_keys() -> list[str]:
        found = s3_client.list_objects_v2(Bucket="mine").get("Contents", [])
        return [item["Key"] for item in found]

    with monkeypatch.context() as patched:
        put: list[str] = []

        def fail(prefix: Prefix, path: Path, name: str, attempt: str = "") -> None:
            put.append(name)
            if len(put) == 4:
                raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")
            upload(prefix, path, name, attempt)

        upload = Prefix.upload
        patched.setattr(Prefix, "upload", fail)
        code, _, err = fetch("BACSU", "ECOLI", "-o", "s3://mine/data")
        assert code != 0
        assert "writing s3://mine/data" in err
        assert list_keys() == []
    code, out, err = fetch("BACSU", "ECOLI", "-o", "s3://mine/data/")
    assert (code, err) == (0, "")
    assert "gafreduce run s3://mine/data" in out
    assert sorted(list_keys()) == [
        *("data/BACSU-uniprot.gaf.gz", "data/CITATION.txt", "data/ECOLI-mod.gaf.gz"),
        *("data/SOURCES.tsv", "data/go-basic.obo", "data/inputs.tsv"),
    ]
    code, _, err = fetch("BACSU", "-o", "s3://mine/data")
    assert code == 1
    assert "s3://mine/data: expected an empty prefix, got objects" in err
    run = tmp_path / "run"
    code, _, err = gafreduce("run", "s3://mine/data/", "--no-report", "-q", "-o", run)
    assert (code, err) == (0, "")
    rows = read_rows(RunFolder(run), "organisms")
    assert {row["organism_id"]: row["n_target_gene_products"] for row in rows} == {
        "224308": "52",
        "83333": "2",
    }


def test_the_cache_is_listed_without_a_network(
    server: GoServer,
    fetch: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert fetch("BACSU", "-o", tmp_path / "data")[0] == 0
    n_requests = len(server.requests)
    code, out, _ = fetch("--cached")
    assert (code, len(server.requests)) == (0, n_requests)
    header, *rows = (line.split("\t") for line in out.splitlines())
    assert header == ["address", "date", "bytes", "sha256", "file"]
    found = {row[0].removeprefix(server.address): row for row in rows}
    assert {path.rpartition("/")[2] for path in found} == {
        *("BACSU-uniprot.gaf.gz", "go-basic.obo", "goex.yaml"),
        *("release-date.json", "release-archive-doi.json"),
    }
    content = server.files[PATH]
    assert found[PATH][2:4] == [str(len(content)), hashlib.sha256(content).hexdigest()]
    assert Path(found[PATH][4]).read_bytes() == content
    monkeypatch.setenv("GAFREDUCE_GOA_URL", f"{server.address.rpartition(':')[0]}:1")
    code, listed, _ = fetch("--list", "--source", "goa")  # never seen, and not to be reached
    assert (code, listed) == (0, out)
    assert "these files of the cache can be used without a network" in caplog.text


def test_a_terminal_shows_how_far_a_download_is(server: GoServer, tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    line = DownloadLine(terminal)
    server.faults[PATH] = Fault("cut")
    n_bytes = len(server.files[PATH])
    downloader = Downloader(tmp_path, line.add, lambda seconds: None, line.begin)
    downloader.get(server.address + PATH)
    line.clear()
    begun, again, end = terminal.getvalue().split("\r\x1b[K")[1:]
    assert begun == f"BACSU-uniprot.gaf.gz [{' ' * 20}] 0.0 of {n_bytes / 1e6:.1f} MB"
    assert again.startswith(f"BACSU-uniprot.gaf.gz [{'#' * 9}")  # goes on from half of it
    assert end == ""
    silent = Terminal()
    DownloadLine(silent, is_quiet=True).begin("x", 0, None)
    DownloadLine(io.StringIO()).begin("x", 0, None)
    assert silent.getvalue() == ""


def test_stopped_at_any_block_the_next_run_continues(
    server: GoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_BLOCK_BYTES", 61)
    content = server.files[PATH]
    n_blocks = -(-len(content) // 61)
    for stop in range(1, n_blocks + 1, 3):
        arrived: list[int] = []

        def report(n_bytes: int, arrived: list[int] = arrived, stop: int = stop) -> None:
            arrived.append(n_bytes)
            if len(arrived) == stop:
                raise KeyboardInterrupt

        cache = tmp_path / f"cache{stop}"
        with pytest.raises(KeyboardInterrupt):
            Downloader(cache, report).get(server.address + PATH)
        assert Downloader(cache).list_cached() == []
        more: list[int] = []
        found = Downloader(cache, more.append).get(server.address + PATH)
        assert found.path.read_bytes() == content
        assert sum(more) <= len(content) - sum(arrived[:-1])


def test_killed_runs_are_continued(server: GoServer, tmp_path: Path) -> None:
    """SIGKILL at moments of a slow download; then the same command again."""
    server.files[PATH] = content = pack(os.urandom(400_000))
    script = (
        "import sys, time; from pathlib import Path\n"
        "from gafreduce.fetching.download import Downloader\n"
        "report = lambda n: (print(n, flush=True), time.sleep(0.01))\n"
        "found = Downloader(Path(sys.argv[1]), report).get(sys.argv[2])\n"
        "print(found.sha256, flush=True)\n"
    )
    command = [sys.executable, "-P", "-c", script, str(tmp_path / "cache"), server.address + PATH]
    for n_blocks in (1, 3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(n_blocks):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == hashlib.sha256(content).hexdigest()
    assert any(asked for path, asked in server.requests if path == PATH)
    records = list((tmp_path / "cache").glob("*/record.json"))
    assert [json.loads(path.read_text())["bytes"] for path in records] == [len(content)]
