"""What the service answers, without any HTTP in it: this is what the unit tests look at."""

import json
import pathlib

VERSION_FILE = pathlib.Path(__file__).with_name("VERSION")


def version(file=VERSION_FILE):
    """The version that the build wrote beside the code; in a checkout there is none yet."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "unbuilt"


def answer(path, version):
    """The status and the body for a path; what follows a question mark does not count."""
    path = path.split("?", 1)[0]
    if path == "/":
        return 200, as_json({"message": "hello", "version": version})
    if path == "/health":
        return 200, as_json({"status": "ok", "version": version})
    return 404, as_json({"error": "there is nothing here"})


def as_json(value):
    return (json.dumps(value) + "\n").encode("utf-8")
