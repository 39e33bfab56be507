"""Figures about a binary classifier, in the shape that SageMaker gives them: a value and its standard deviation."""

import random
import statistics

# SageMaker estimates the deviation from five draws of 80 %, and only where there are 200 rows or more.
DRAWS, SHARE, ENOUGH = 5, 0.8, 200


def share(part, whole):
    return part / whole if whole else 0.0


def counts(pairs):
    """True positives, false positives, false negatives and true negatives among (actual, predicted)."""
    return [sum(1 for pair in pairs if pair == kind) for kind in [(1, 1), (0, 1), (1, 0), (0, 0)]]


def accuracy(pairs):
    return share(sum(actual == predicted for actual, predicted in pairs), len(pairs))


def precision(pairs):
    tp, fp, _, _ = counts(pairs)
    return share(tp, tp + fp)


def recall(pairs):
    tp, _, fn, _ = counts(pairs)
    return share(tp, tp + fn)


def f1(pairs):
    tp, fp, fn, _ = counts(pairs)
    return share(2 * tp, 2 * tp + fp + fn)


def best_constant(pairs):
    """The accuracy of always giving the more frequent answer: a model has to be better than that."""
    ones = sum(actual for actual, _ in pairs)
    return share(max(ones, len(pairs) - ones), len(pairs))


def with_deviation(metric, pairs):
    deviation = "NaN"
    if len(pairs) >= ENOUGH:
        chance = random.Random(0)
        draws = [metric(chance.sample(pairs, int(len(pairs) * SHARE))) for _ in range(DRAWS)]
        deviation = statistics.stdev(draws)
    return {"value": metric(pairs), "standard_deviation": deviation}


def binary_classification(pairs):
    """All of them, for pairs of (actual, predicted)."""
    tp, fp, fn, tn = counts(pairs)
    metrics = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}
    return {
        "binary_classification_metrics": {
            "confusion_matrix": {"0": {"0": tn, "1": fp}, "1": {"0": fn, "1": tp}},
            **{name: with_deviation(metric, pairs) for name, metric in metrics.items()},
            "accuracy_best_constant_classifier": with_deviation(best_constant, pairs),
        }
    }
