"""A proxy before an S3 server that fails on purpose, as networks and S3 itself do.

In a test: `with FaultProxy(port, [Fault("status", rate=0.3)]) as proxy: ...proxy.endpoint...`.
By hand:   `python s3_fault_proxy.py --upstream 7480 --fault status:rate=0.3,status=503`.

Bytes pass through as they are, the Host header too, which clients sign: signatures stay valid. What
fails is decided for each request by a seeded random number, so that a run can be repeated.

| kind | what the client sees |
|---|---|
| `status` | an error (503 SlowDown, 500 InternalError); the request never reaches the server |
| `reset-read`, `short-read` | half of the answer's body, then a reset or a clean close |
| `reset-write`, `short-write` | half of its body is taken, then a reset or a clean close |
| `hold-write` | half of its body is taken, then nothing happens until the client goes |
| `latency` | every answer, late |

After half of a body the server sees what it sees of a client that died.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PIECE = 64 * 1024
HEAD_LIMIT = 1024 * 1024
READS = ("reset-read", "short-read")
WRITES = ("reset-write", "short-write", "hold-write")
KINDS = ("status", *READS, *WRITES, "latency")
ERRORS = {503: ("Slow Down", "SlowDown"), 500: ("Internal Server Error", "InternalError")}


@dataclass(frozen=True)
class Fault:
    """One way to fail, and when.

    Attributes:
        kind: One of `KINDS`.
        rate: The share of matching requests that fail, 0 to 1.
        method: Only requests of this method; empty for all.
        path: Only requests whose path and query contain this text.
        times: Fail at most so often; negative for no limit.
        status: For `status`: 503 or 500.
        seconds: For `latency`: how late.
    """

    kind: str
    rate: float = 1.0
    method: str = ""
    path: str = ""
    times: int = -1
    status: int = 503
    seconds: float = 5.0


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a request or an answer, with the bytes they came in."""

    raw: bytes
    first_line: list[str]
    headers: dict[str, str]

    @property
    def length(self) -> int | None:
        """Return the length of the body in bytes; none when it comes in chunks."""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            return None
        return int(self.headers.get("content-length", 0))


class ClientGoneError(Exception):
    """The conversation on a connection is over, by intention or because a side has gone."""


@dataclass
class FaultProxy:
    """A proxy on a free port of the loopback, in a thread of its own.

    Attributes:
        upstream: The port of the S3 server.
        faults: What fails; may be replaced while the proxy runs.
        seed: Of the random numbers.
        injected: How often each kind was injected; a test that counts none has tested nothing.
        requests: Method and path of every request, in order: what a policy must allow.
        held: Set when a write is held half way.
        on_request: Called with the same before a request is passed on: something may happen then.
    """

    upstream: int
    faults: Sequence[Fault] = ()
    seed: int = 1
    port: int = 0
    injected: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    requests: list[tuple[str, str]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    on_request: Callable[[str, str], object] = lambda method, path: None

    @property
    def endpoint(self) -> str:
        """Return the URL that clients use instead of the server's."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> FaultProxy:
        self._random = random.Random(self.seed)
        self._fired: dict[Fault, int] = {}
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._converse, LOOPBACK, self.port, limit=HEAD_LIMIT)
        )
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _converse(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        """Serve the requests of one connection, each over the same connection to the server."""
        server: asyncio.StreamWriter | None = None
        try:
            upstream, server = await asyncio.open_connection(
                LOOPBACK, self.upstream, limit=HEAD_LIMIT
            )
            while True:
                await self._exchange(client, answer, upstream, server)
        except (ClientGoneError, OSError, asyncio.IncompleteReadError):
            log.debug("connection over", exc_info=True)
        finally:
            for writer in (answer, server):
                if writer is not None:
                    writer.close()

    async def _exchange(
        self,
        client: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        upstream: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        """Pass one request and its answer, or fail."""
        request = await _read_head(client)
        fault = self._due(request)
        if fault and fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "status":
            await self._refuse(answer, request, fault)
        server.write(request.raw)
        if "expect" in request.headers:
            interim = await _read_head(upstream)
            answer.write(interim.raw)
            if interim.first_line[1] != "100":
                await _pass_body(upstream, answer, interim)
                raise ClientGoneError
        if fault and fault.kind in WRITES:
            await self._cut(client, answer, server, request, fault)
        await _pass_body(client, server, request)
        await self._pass_answer(upstream, answer, request, fault)

    async def _cut(
        self,
        client: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        request: Head,
        fault: Fault,
    ) -> None:
        """Pass half of a request's body, and end the conversation."""
        await _pass_bytes(client, server, (request.length or 0) // 2)
        if fault.kind == "hold-write":
            self.held.set()
            while await client.read(PIECE):  # the rest that it sends goes nowhere
                pass
        elif fault.kind == "reset-write":
            _reset(answer)
        raise ClientGoneError

    async def _pass_answer(
        self,
        upstream: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        request: Head,
        fault: Fault | None,
    ) -> None:
        head = await _read_head(upstream)
        answer.write(head.raw)
        if request.first_line[0] == "HEAD" or head.first_line[1] in ("204", "304"):
            await answer.drain()
            return
        if fault and fault.kind in READS:
            await _pass_bytes(upstream, answer, (head.length or 0) // 2)
            if fault.kind == "reset-read":
                _reset(answer)
            raise ClientGoneError
        await _pass_body(upstream, answer, head)

    async def _refuse(self, answer: asyncio.StreamWriter, request: Head, fault: Fault) -> None:
        """Answer with an error. The body, if any, stays unread, so the connection must close."""
        reason, code = ERRORS[fault.status]
        body = f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()
        head = f"HTTP/1.1 {fault.status} {reason}\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/xml\r\nConnection: close\r\n\r\n"
        answer.write(head.encode() + (b"" if request.first_line[0] == "HEAD" else body))
        await answer.drain()
        raise ClientGoneError

    def _due(self, request: Head) -> Fault | None:
        """Return the fault that this request meets, if any, and count it."""
        method, path = request.first_line[:2]
        self.requests.append((method, path))
        self.on_request(method, path)
        for fault in self.faults:
            if fault.method not in ("", method) or fault.path not in path:
                continue
            if fault.times >= 0 and self._fired.get(fault, 0) >= fault.times:
                continue
            if self._random.random() < fault.rate:
                self._fired[fault] = self._fired.get(fault, 0) + 1
                self.injected[fault.kind] += 1
                return fault
        return None


async def _read_head(reader: asyncio.StreamReader) -> Head:
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Head(raw, first.split(" ", 2), headers)


async def _pass_body(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: Head
) -> None:
    if head.length is not None:
        await _pass_bytes(reader, writer, head.length)
        return
    while True:
        size_line = await reader.readuntil(b"\r\n")
        writer.write(size_line)
        size = int(size_line.partition(b";")[0], 16)
        if size == 0:
            break
        await _pass_bytes(reader, writer, size + 2)
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":  # trailing headers
        writer.write(line)
    writer.write(b"\r\n")
    await writer.drain()


async def _pass_bytes(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int
) -> None:
    while length:
        piece = await reader.read(min(length, PIECE))
        if not piece:
            raise ClientGoneError
        writer.write(piece)
        await writer.drain()
        length -= len(piece)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side gets a reset: linger for no time at all."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def parse_fault(text: str) -> Fault:
    """Return the fault that a text such as `status:rate=0.3,status=500` describes.

    Raises:
        ValueError: The kind or a setting is unknown.
    """
    kind, _, settings = text.partition(":")
    if kind not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}, got {kind!r}")
    fault = Fault(kind)
    for setting in filter(None, settings.split(",")):
        name, _, value = setting.partition("=")
        if name not in Fault.__dataclass_fields__:
            raise ValueError(f"expected a setting of a fault, got {name!r}")
        fault = replace(fault, **{name: type(getattr(fault, name))(value)})
    return fault


def main() -> None:
    """Run a proxy until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", type=int, required=True, help="port of the S3 server")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any)")
    parser.add_argument("--fault", type=parse_fault, action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    proxy = FaultProxy(arguments.upstream, arguments.fault, arguments.seed, arguments.port)
    with proxy:
        log.info("%s, Ctrl-C ends it", proxy.endpoint)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            log.info("injected: %s", proxy.injected)


if __name__ == "__main__":
    main()
