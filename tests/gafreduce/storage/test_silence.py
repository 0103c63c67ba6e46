"""An endpoint that accepts connections and does not answer is named, and the request goes on."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from botocore.awsrequest import AWSRequest

from gafreduce.storage import silence
from gafreduce.storage.s3 import Access


@pytest.fixture
def silent_endpoint() -> Iterator[str]:
    """Give the URL of a server that accepts connections, and answers after half a second."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def serve() -> None:
            connection = server.accept()[0]
            with connection:
                time.sleep(0.5)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                connection.recv(1 << 16)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_silent_endpoint_is_named_once(
    silent_endpoint: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setattr(silence, "SECONDS", 0.1)
    monkeypatch.setattr(silence, "TICK_SECONDS", 0.05)
    client = Access(endpoint_url=silent_endpoint).client()
    with caplog.at_level(logging.WARNING), pytest.raises(client.exceptions.ClientError):
        client.head_object(Bucket="bucket", Key="key")
    host = silent_endpoint.removeprefix("http://")
    named = [each for each in caplog.messages if f"{host} has not answered for 0 seconds" in each]
    assert len(named) == 1


def test_a_body_that_does_not_arrive_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class SlowBody:
        def read(self, n_bytes: int) -> bytes:
            time.sleep(0.5)
            return b"x" * n_bytes

    monkeypatch.setattr(silence, "SECONDS", 0.1)
    monkeypatch.setattr(silence, "TICK_SECONDS", 0.05)
    watch, body = silence.SilenceWatch(), SlowBody()
    with caplog.at_level(logging.WARNING):
        watch._begin(AWSRequest("GET", "https://bucket.s3.amazonaws.com/key"))
        watch._end(parsed_response={"Body": body})
        assert body.read(3) == b"xxx"
    assert [each.partition(" ")[0] for each in caplog.messages] == ["bucket.s3.amazonaws.com"]


def test_an_endpoint_that_answers_is_not_named(
    silent_endpoint: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setattr(silence, "TICK_SECONDS", 0.05)
    client = Access(endpoint_url=silent_endpoint).client()
    with caplog.at_level(logging.WARNING), pytest.raises(client.exceptions.ClientError):
        client.head_object(Bucket="bucket", Key="key")
    assert not caplog.messages


def test_one_thread_watches_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr("_thread.start_new_thread", lambda *arguments: started.append(arguments))
    watch = silence.SilenceWatch()
    for key in ("a", "b"):
        watch._begin(AWSRequest("GET", f"https://bucket.s3.amazonaws.com/{key}"))
    assert len(started) == 1
