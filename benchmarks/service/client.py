"""A small HTTP/1.1 client over one kept connection: what is measured is the server and not the client."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from time import perf_counter
from typing import Any


class ConnectionGoneError(Exception):
    """The server went away before it answered."""


@dataclass(frozen=True)
class Answer:
    """What was answered, and how long it took in seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class Client:
    """One connection to the service, opened again where it is gone."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, *, key: str = "", tag: str = "") -> Answer:
        """One request.

        Raises:
            ConnectionGoneError: there was no whole answer.
        """
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if method == "POST":
            lines += [f"Authorization: Bearer {self._token}", f"Idempotency-Key: {key}"]
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        if tag:
            lines.append(f"If-None-Match: {tag}")
        start = perf_counter()
        try:
            if self._writer is None or self._reader is None:
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
            self._writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await self._writer.drain()
            status, headers, told = await self._answer(self._reader)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            await self.close()
            raise ConnectionGoneError(str(error)) from error
        return Answer(status, headers, told, perf_counter() - start)

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            if name:
                headers[name.lower()] = value.strip()
        return (
            int(head[0].split()[1]),
            headers,
            await reader.readexactly(int(headers.get("content-length", 0))),
        )

    async def close(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
