"""Writes the data set anew: python3 data/generate.py

Readings of a machine, and whether it needed maintenance soon after. The seed is fixed, so the files are always the same.
"""

import csv
import pathlib
import random

SEED = 20260901


def readings(chance, count):
    for _ in range(count):
        temperature = chance.uniform(2, 10)
        vibration = chance.uniform(0, 10)
        strain = 0.8 * temperature + 1.2 * vibration + chance.gauss(0, 0.6)
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
