"""Trains the model: python3 -m model.train --out out/model.json"""

import argparse
import json
import pathlib

from model import data, regression


def main():
    options = argparse.ArgumentParser(prog="model.train", description=__doc__)
    options.add_argument("--data", default="data/train.csv", help="rows to learn from")
    options.add_argument("--settings", default="training.json", help="rounds and rate of the training")
    options.add_argument("--out", required=True, help="file to write the model to")
    options = options.parse_args()

    settings = json.loads(pathlib.Path(options.settings).read_text(encoding="utf-8"))
    rows = data.load(options.data)
    model = regression.fit(rows, settings["rounds"], settings["rate"])
    model = {"features": data.FEATURES, **model, "training": {**settings, "rows": len(rows)}}
    out = pathlib.Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")
    print(f"{settings['rounds']} rounds over {len(rows)} rows, written to {out}")


if __name__ == "__main__":
    main()
