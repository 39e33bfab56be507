"""Asks the model: python3 -m model.predict --model out/model.json 7.5 6.2"""

import argparse
import json
import pathlib

from model import data, regression


def load(path):
    """A trained model. One that was trained on other features is refused."""
    model = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    if model["features"] != data.FEATURES or len(model["weights"]) != len(data.FEATURES):
        raise ValueError(f"{path} is a model of {model['features']}, not of {data.FEATURES}")
    return model


def predict(model, features):
    """The label, and how likely the model finds it that the label is 1."""
    if len(features) != len(data.FEATURES):
        raise ValueError(f"expected {len(data.FEATURES)} numbers: {', '.join(data.FEATURES)}")
    probability = regression.probability(model, features)
    return {data.LABEL: int(probability >= 0.5), "probability": round(probability, 4)}


def main():
    options = argparse.ArgumentParser(prog="model.predict", description=__doc__)
    options.add_argument("--model", required=True, help="the model's file")
    options.add_argument("features", nargs="+", type=float, help=", ".join(data.FEATURES))
    options = options.parse_args()
    try:
        print(json.dumps(predict(load(options.model), options.features)))
    except ValueError as error:
        raise SystemExit(f"model.predict: {error}")


if __name__ == "__main__":
    main()
