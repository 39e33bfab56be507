"""Starts the service as the deployment does, and calls it.

SERVICE_UNDER_TEST is the folder that holds the package; SERVICE_VERSION, when set, the version that it must have.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

PATIENCE = 20


class Started(unittest.TestCase):
    """A service of its own for each class of tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        port_file = pathlib.Path(cls.folder.name, "port")
        command = [sys.executable, "-m", "service", "--port", "0", "--port-file", str(port_file)]
        cls.process = subprocess.Popen(
            command, cwd=os.environ.get("SERVICE_UNDER_TEST", "."), stdout=subprocess.DEVNULL
        )
        cls.addClassCleanup(cls.stop)
        began = time.monotonic()
        while not port_file.exists():
            if cls.process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise RuntimeError(f"the service did not start (exit status {cls.process.poll()})")
            time.sleep(0.02)
        cls.address = f"http://127.0.0.1:{port_file.read_text(encoding='utf-8').strip()}"

    @classmethod
    def stop(cls):
        cls.process.kill()
        cls.process.wait()

    def get(self, path):
        # No proxy: this is the machine itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.address + path, timeout=PATIENCE) as response:
            return json.load(response)


class Calling(Started):
    def test_it_greets(self):
        self.assertEqual(self.get("/")["message"], "hello")

    def test_it_is_well_and_has_the_version_of_the_build(self):
        health = self.get("/health")
        self.assertEqual(health["status"], "ok")
        self.assertEqual(health["version"], os.environ.get("SERVICE_VERSION") or health["version"])

    def test_what_is_not_there_is_not_found(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.get("/nothing")
        self.assertEqual(caught.exception.code, 404)
        caught.exception.close()


class Stopping(Started):
    def test_it_ends_well_when_asked_to(self):
        self.process.terminate()
        self.assertEqual(self.process.wait(PATIENCE), 0)
