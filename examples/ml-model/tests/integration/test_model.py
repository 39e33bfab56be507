"""Loads the trained model, as whoever uses it does, and asks it through its command.

MODEL is the model's file.
"""

import json
import os
import subprocess
import sys
import unittest

from model import predict

MODEL = os.environ["MODEL"]


def ask(*readings):
    command = [sys.executable, "-m", "model.predict", "--model", MODEL, *readings]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


class Model(unittest.TestCase):
    def test_it_loads(self):
        self.assertEqual(len(predict.load(MODEL)["weights"]), 2)

    def test_a_cool_and_quiet_machine_is_left_alone(self):
        answer = json.loads(ask("2.5", "0.5").stdout)
        self.assertEqual(answer["maintenance"], 0)
        self.assertLess(answer["probability"], 0.5)

    def test_a_shaking_machine_is_sent_to_maintenance(self):
        answer = json.loads(ask("8", "10").stdout)
        self.assertEqual(answer["maintenance"], 1)

    def test_a_question_that_makes_no_sense_is_refused(self):
        refused = ask("8")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("expected 2 numbers", refused.stderr)
