"""A web server on this machine that is laid out like GO's and GOA's, and that can misbehave."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: Of the founding seven, those in GO's releases.
GOEX = """\
organisms:
  - taxon_id: NCBITaxon:224308
    taxonomic_group: NCBITaxon:2
    full_name: Bacillus subtilis
    common_name_goc: B. subtilis
    common_name_uniprot:
    code_uniprot: BACSU
    uniprot_proteome_id: uniprot.proteome:UP000001570
  - taxon_id: NCBITaxon:83333
    taxonomic_group: NCBITaxon:2
    full_name: Escherichia coli K12
    common_name_goc: E. coli K12
    common_name_uniprot:
    code_uniprot: ECOLI
    uniprot_proteome_id: uniprot.proteome:UP000000625
  - taxon_id: NCBITaxon:7227
    taxonomic_group: NCBITaxon:6656
    full_name: Drosophila melanogaster
    common_name_goc: Fruit fly
    common_name_uniprot: Fruit fly
    code_uniprot: DROME
    uniprot_proteome_id: uniprot.proteome:UP000000803
"""
PROTEOMES = """\
Bacillus amyloliquefaciens FZB42\t326423\t29934.B_amyloliquefaciens_FZB42.goa
Bacillus licheniformis ATCC 14580\t279010\t20380.B_licheniformis_ATCC_14580.goa
Bacillus licheniformis DSM 13\t279010\t20360.B_licheniformis_DSM_13.goa
Bacillus megaterium DSM 319\t592022\t36399.B_megaterium_DSM_319.goa
Bacillus subtilis 168\t224308\t6.B_subtilis_168.goa
Escherichia coli K12\t83333\t18.E_coli_MG1655.goa
Geobacillus kaustophilus HTA426\t235909\t22186.G_kaustophilus.goa
Geobacillus thermodenitrificans NG80-2\t420246\t28749.G_thermodenitrificans_NG80-2.goa
"""


class Fault:
    """Misbehaviour for the next requests of a path."""

    def __init__(self, kind: str, times: int = 1, text: str = "") -> None:
        self.kind, self.times, self.text = kind, times, text


class GoServer:
    """Files by path, faults by path, and a log of requests."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, Fault] = {}
        self.requests: list[tuple[str, str]] = []  # path and Range
        self.agents: set[str] = set()

    def add_samples(self, samples: Path) -> None:
        """Lay out the samples as files of both sources."""
        by_taxon = {
            path.stem.rpartition("-")[2]: path.read_bytes() for path in samples.glob("*.gaf")
        }
        ontology = (samples / "go-samples.obo").read_bytes()
        for base in ("/current", "/release/2026-06-19"):
            new = f"{base}/annotations/gaf"
            self.files[f"{new}/BACSU-uniprot.gaf.gz"] = pack(by_taxon["224308"])
            self.files[f"{new}/ECOLI-mod.gaf.gz"] = pack(by_taxon["83333"])
            self.files[f"{base}/ontology/go-basic.obo"] = ontology
            self.files[f"{base}/metadata/goex.yaml"] = GOEX.encode()
            self.files[f"{base}/metadata/release-date.json"] = b'{"date": "2026-06-19"}\n'
            doi = b'{"doi": "10.5281/zenodo.20943148"}\n'
            self.files[f"{base}/metadata/release-archive-doi.json"] = doi
        old = "/release/2026-05-01"
        self.files[f"{old}/annotations/ecocyc.gaf.gz"] = pack(by_taxon["83333"])
        self.files[f"{old}/ontology/go-basic.obo"] = ontology
        self.files["/goa/proteomes/proteome2taxid"] = PROTEOMES.encode()
        for row in PROTEOMES.splitlines():
            _, taxon, file = row.split("\t")
            self.files[f"/goa/proteomes/{file}"] = by_taxon[taxon]

    def count(self, path: str) -> int:
        return sum(each == path for each, _ in self.requests)


def pack(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def make_etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:20]}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    go: GoServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.go.requests.append((self.path, asked))
        self.go.agents.add(self.headers.get("User-Agent", ""))
        fault = self.go.faults.get(self.path)
        kind = ""
        if fault is not None and fault.times:
            fault.times -= 1
            kind = fault.kind
        content = self.go.files.get(self.path)
        if kind == "status":
            assert fault is not None
            code, _, wait = fault.text.partition(" ")
            self.answer(int(code), b"", **({"Retry-After": wait} if wait else {}))
        elif kind == "redirect":
            assert fault is not None
            self.answer(302, b"", Location=fault.text)
        elif content is None:
            self.answer(404, b"<html>not here</html>")
        else:
            self.send_file(content, asked, kind, fault)

    def send_file(self, content: bytes, asked: str, kind: str, fault: Fault | None) -> None:
        etag = make_etag(content)
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, b"", ETag=etag)
            return
        start, code = 0, 200
        if asked and self.headers.get("If-Range") == etag and kind not in ("no ranges", "uneven"):
            start, code = int(asked.removeprefix("bytes=").rstrip("-")), 206
        more = {"ETag": etag, "Last-Modified": "Fri, 19 Jun 2026 00:00:00 GMT"}
        if code == 206:
            more["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        length = len(body)
        if kind == "cut":
            body = body[: len(body) // 2]
        elif kind == "uneven":  # without ranges, it gets now more, now less far
            assert fault is not None
            body = body[: len(body) // (2 + fault.times % 2)]
        elif kind == "short":  # whole for the client, as its length is as small
            body = body[: len(body) // 2]
            length = len(body)
        elif kind == "long":
            length += 1000
        elif kind == "page":
            body = b"<!DOCTYPE html><html>Service moved</html>"
            length = len(body)
        elif kind == "change":  # another version, when the first half has arrived
            assert fault is not None
            body = body[: len(body) // 2]
            self.go.files[self.path] = fault.text.encode()
        self.answer(code, body, length, **more)

    def answer(self, code: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True


@contextmanager
def serve() -> Iterator[GoServer]:
    """Serve on a free port of 127.0.0.1."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    go = GoServer(f"http://127.0.0.1:{server.server_port}")
    handler.go = go  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield go
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Command = Callable[..., tuple[int, str, str]]
