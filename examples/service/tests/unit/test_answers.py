import json
import pathlib
import tempfile
import unittest

from service import answers


class Answers(unittest.TestCase):
    def test_the_front_page_greets_and_names_the_version(self):
        status, body = answers.answer("/", "1.2.3")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body), {"message": "hello", "version": "1.2.3"})

    def test_the_service_says_that_it_is_well(self):
        status, body = answers.answer("/health?from=test", "1.2.3")
        self.assertEqual((status, json.loads(body)["status"]), (200, "ok"))

    def test_anything_else_is_not_found(self):
        for path in ["/healthy", "//", "/../etc/passwd", ""]:
            with self.subTest(path):
                self.assertEqual(answers.answer(path, "1.2.3")[0], 404)


class Version(unittest.TestCase):
    def test_it_is_what_the_build_wrote(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "VERSION")
            self.assertEqual(answers.version(file), "unbuilt")
            file.write_text("1.2.3+abc\n", encoding="utf-8")
            self.assertEqual(answers.version(file), "1.2.3+abc")
