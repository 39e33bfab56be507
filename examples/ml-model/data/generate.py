"""Writes the data set anew: python3 data/generate.py

Readings of a machine, and whether it needed maintenance soon after. The seed is fixed and only random() is used, which
Python promises to keep: the files are always the same.
"""

import csv
import pathlib
import random

SEED = 20260902


def readings(chance, count):
    for _ in range(count):
        temperature = 2 + 8 * chance.random()
        vibration = 10 * chance.random()
        # Twelve of them add up to nearly a normal distribution.
        noise = sum(chance.random() for _ in range(12)) - 6
        strain = 0.8 * temperature + 1.2 * vibration + 0.6 * noise
        yield f"{temperature:.2f}", f"{vibration:.2f}", int(strain > 11)


def main():
    chance = random.Random(SEED)
    for name, count in [("train", 240), ("test", 200)]:
        with open(pathlib.Path(__file__).with_name(f"{name}.csv"), "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["temperature", "vibration", "maintenance"])
            rows.writerows(readings(chance, count))


if __name__ == "__main__":
    main()
