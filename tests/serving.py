"""A web server on this machine that may break off, lie, or change its mind."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath


@dataclass
class Served:
    """What is sent, and what was asked for.

    ``files`` are contents by name. ``drops`` is how many connections end
    half-way through what they were to send; ``resumable`` whether ``Range``
    is understood, and ``late`` by how many bytes what is sent begins too far;
    ``tag`` and ``modified`` are the version of every file; ``length`` is
    whether it is said how much is sent; ``status`` an error to send instead,
    as often as ``failures`` says.
    """

    files: dict[str, bytes]
    drops: int = 0
    resumable: bool = True
    late: int = 0
    tag: str = '"1"'
    modified: str = ''
    length: bool = True
    status: int = 0
    failures: int = 0
    url: str = ''
    asked: list[tuple[str, str | None]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers as its ``served`` says."""

    served: Served

    def log_message(self, *_):
        pass

    def do_GET(self):
        served = self.served
        name = PurePosixPath(self.path).name
        span = self.headers.get('Range')
        served.asked.append((name, span))
        self.close_connection = True
        if served.failures:
            served.failures -= 1
            self.send_error(served.status)
        elif name not in served.files:
            self.send_error(404)
        else:
            self.send_file(served.files[name], self.first_byte(span))

    def first_byte(self, span):
        version = self.headers.get('If-Range')
        known = version in (None, self.served.tag, self.served.modified)
        weak = (version or '').startswith('W/')  # never equal, by RFC 9110
        if not (span and known and self.served.resumable) or weak:
            return 0
        return int(span.removeprefix('bytes=').rstrip('-')) + self.served.late

    def send_file(self, content, start):
        rest, size = content[start:], len(content)
        if start and not rest:
            self.send_response(416)
            self.send_header('Content-Range', f'bytes */{size}')
        else:
            self.send_response(206 if start else 200)
        if start and rest:
            span = f'bytes {start}-{size - 1}/{size}'
            self.send_header('Content-Range', span)
        self.send_header('ETag', self.served.tag)
        self.send_header('Last-Modified', self.served.modified)
        if self.served.length:
            self.send_header('Content-Length', str(len(rest)))
        self.end_headers()
        if self.served.drops:
            self.served.drops -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)


@contextmanager
def serving(files, **options):
    """Serve files at ``url``; yields what is served and was asked for."""
    served = Served(dict(files), **options)
    handler = type('Handler', (Handler,), {'served': served})
    server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    served.url = f'http://127.0.0.1:{server.server_port}'
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
