"""Logistic regression: the mathematics, and nothing of files."""

import math


def probability(model, features):
    """How likely the label is 1."""
    score = model["bias"] + sum(w * x for w, x in zip(model["weights"], features))
    # Far away from zero the exponential would overflow.
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, score))))


def fit(rows, rounds, rate):
    """Gradient descent over all rows, from zero: the same rows always give the same model."""
    width = len(rows[0][0])
    model = {"weights": [0.0] * width, "bias": 0.0}
    for _ in range(rounds):
        slope, bias_slope = [0.0] * width, 0.0
        for features, label in rows:
            error = probability(model, features) - label
            bias_slope += error
            for i, x in enumerate(features):
                slope[i] += error * x
        step = rate / len(rows)
        model["bias"] -= step * bias_slope
        model["weights"] = [w - step * s for w, s in zip(model["weights"], slope)]
    return model
