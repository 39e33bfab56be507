import unittest

from model import data, predict, regression

ROWS = [([float(x), 1.0], int(x > 4)) for x in range(10)]


class Regression(unittest.TestCase):
    def test_an_untrained_model_knows_nothing(self):
        self.assertEqual(regression.probability(regression.fit(ROWS, 0, 0.1), [3.0, 1.0]), 0.5)

    def test_it_separates_what_can_be_separated(self):
        model = regression.fit(ROWS, 3000, 0.3)
        for features, label in ROWS:
            self.assertEqual(int(regression.probability(model, features) >= 0.5), label, features)

    def test_the_same_rows_give_the_same_model(self):
        self.assertEqual(regression.fit(ROWS, 50, 0.1), regression.fit(ROWS, 50, 0.1))

    def test_huge_readings_do_not_overflow(self):
        model = {"weights": [1e6, 1e6], "bias": 0.0}
        self.assertAlmostEqual(regression.probability(model, [1e6, 1e6]), 1.0)
        self.assertAlmostEqual(regression.probability(model, [-1e6, -1e6]), 0.0)


class Predict(unittest.TestCase):
    def test_the_number_of_readings_must_fit(self):
        model = {"features": data.FEATURES, "weights": [0.0, 0.0], "bias": 1.0}
        self.assertEqual(predict.predict(model, [1.0, 2.0])["maintenance"], 1)
        with self.assertRaises(ValueError):
            predict.predict(model, [1.0])
