"""Reading the data set."""

import csv

FEATURES = ["temperature", "vibration"]
LABEL = "maintenance"


def load(path):
    """The rows of a file: numbers of the features, and the label."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [([float(row[name]) for name in FEATURES], int(row[LABEL])) for row in csv.DictReader(file)]
    if not rows:
        raise ValueError(f"{path} has no rows")
    return rows
