"""Measures the model on rows that it has not seen: python3 -m model.evaluate --model out/model.json --out evaluation.json

It only measures. Whether the figures are good enough is for the gate in rehearsal.yml to say.
"""

import argparse
import json
import pathlib

from model import data, metrics, predict


def main():
    options = argparse.ArgumentParser(prog="model.evaluate", description=__doc__)
    options.add_argument("--model", required=True, help="the model's file")
    options.add_argument("--data", default="data/test.csv", help="rows to measure it on")
    options.add_argument("--out", required=True, help="file to write the figures to")
    options = options.parse_args()

    model = predict.load(options.model)
    rows = data.load(options.data)
    pairs = [(label, predict.predict(model, features)[data.LABEL]) for features, label in rows]
    figures = metrics.binary_classification(pairs)
    pathlib.Path(options.out).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    accuracy = figures["binary_classification_metrics"]["accuracy"]["value"]
    print(f"accuracy {accuracy:.3f} on {len(rows)} rows, written to {options.out}")


if __name__ == "__main__":
    main()
