#!/usr/bin/env python3
"""Compares `rehearsal check` as a whole process with other validators.

    benches/validators.py REHEARSAL CORPUS [VENV]

REHEARSAL is the binary (`target/release/rehearsal`), CORPUS a folder of buildspecs, VENV a Python environment with
check-jsonschema, yamllint and PyYAML in it; without one only REHEARSAL is measured. One small file, then the corpus
repeated to 10 000 files in a folder of $TMPDIR (memory: /dev/shm). Medians; times of others that would take minutes are
those of a tenth of the files. Prints Markdown.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FILES = 10_000


def run(command, folder):
    """Wall and CPU seconds and the most memory in kB of one run. Findings are no failure."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def measure(what, command, folder, times, scale=1):
    runs = [run(command, folder) for _ in range(times)]
    wall, cpu, memory = (statistics.median(column) for column in zip(*runs))
    print(f"| {what} | {wall * scale:.3f} s | {cpu * scale:.3f} s | {memory / 1000:.0f} MB |", flush=True)


def main():
    program, corpus, *environment = sys.argv[1:]
    program = os.path.abspath(program)
    texts = [path.read_bytes() for path in sorted(pathlib.Path(corpus).iterdir()) if path.is_file()]
    root = pathlib.Path(tempfile.mkdtemp())
    try:
        files = []
        for number in range(FILES):
            path = root / f"{number // 100:03}" / f"buildspec-{number % 100:02}.yml"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(texts[number % len(texts)])
            files.append(str(path))
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        print("| what | wall | CPU | most memory |\n| --- | --- | --- | --- |")
        sorted_files = sorted(files, key=os.path.getsize)
        one = sorted_files[len(files) // 2]
        tenth = files[:: 10]
        measure("one file: rehearsal check", [program, "check", "--shellcheck", "off", one], root, 51)
        for output in ["human", "concise", "json"]:
            command = [program, "check", "--shellcheck", "off", "--format", output]
            measure(f"{FILES} files: rehearsal check, {output}", command, root, 7)
        if environment:
            tools = pathlib.Path(environment[0]).resolve() / "bin"
            schema = root / "schema.json"
            schema.write_bytes(subprocess.run([program, "schema", "buildspec"], check=True, capture_output=True).stdout)
            jsonschema = [str(tools / "check-jsonschema"), "--schemafile", str(schema)]
            load = "import sys, yaml\nfor name in sys.argv[1:]:\n try: yaml.load(open(name, 'rb'), yaml.CSafeLoader)\n except (yaml.YAMLError, ValueError): pass"
            others = [
                ("check-jsonschema with our schema", jsonschema),
                ("yamllint", [str(tools / "yamllint"), "-d", "relaxed"]),
                ("PyYAML with libyaml, parsing alone", [str(tools / "python"), "-c", load]),
            ]
            for name, command in others:
                measure(f"one file: {name}", [*command, one], root, 11)
                measure(f"{FILES} files: {name}", [*command, *tenth], root, 3, 10)
    finally:
        shutil.rmtree(root)


main()
