import unittest

from model import metrics

PAIRS = [(1, 1)] * 3 + [(0, 1)] * 1 + [(1, 0)] * 2 + [(0, 0)] * 4


class Metrics(unittest.TestCase):
    def test_they_follow_from_the_counts(self):
        self.assertEqual(metrics.counts(PAIRS), [3, 1, 2, 4])
        self.assertAlmostEqual(metrics.accuracy(PAIRS), 0.7)
        self.assertAlmostEqual(metrics.precision(PAIRS), 0.75)
        self.assertAlmostEqual(metrics.recall(PAIRS), 0.6)
        self.assertAlmostEqual(metrics.f1(PAIRS), 2 / 3)
        self.assertAlmostEqual(metrics.best_constant(PAIRS), 0.5)

    def test_nothing_to_divide_by_is_no_crash(self):
        self.assertEqual(metrics.precision([(1, 0)]), 0.0)
        self.assertEqual(metrics.accuracy([]), 0.0)

    def test_few_rows_have_no_deviation_and_many_have_one(self):
        few = metrics.binary_classification(PAIRS)["binary_classification_metrics"]
        self.assertEqual(few["accuracy"], {"value": 0.7, "standard_deviation": "NaN"})
        self.assertEqual(few["confusion_matrix"], {"0": {"0": 4, "1": 1}, "1": {"0": 2, "1": 3}})
        many = metrics.binary_classification(PAIRS * 20)["binary_classification_metrics"]
        self.assertGreater(many["accuracy"]["standard_deviation"], 0)
