"""Starts the service: python3 -m service --port 0 --port-file service.port"""

import argparse
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from service.answers import answer, version


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = answer(self.path, self.server.version)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *values):
        print(format % values, flush=True)


def write_whole(path, text):
    """Whoever waits for the file must never see half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def main():
    options = argparse.ArgumentParser(prog="service", description=__doc__)
    options.add_argument("--host", default="127.0.0.1", help="address to listen at")
    options.add_argument("--port", type=int, default=0, help="port; 0 takes one that is free")
    options.add_argument("--port-file", help="file to write the port to, once the service answers")
    options = options.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadingHTTPServer((options.host, options.port), Handler) as server:
        server.version = version()
        port = server.server_address[1]
        print(f"version {server.version} listens at {options.host}:{port}", flush=True)
        if options.port_file:
            write_whole(options.port_file, f"{port}\n")
        server.serve_forever()


if __name__ == "__main__":
    main()
