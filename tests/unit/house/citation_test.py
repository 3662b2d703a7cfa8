#!/usr/bin/env python3
"""The check of cited paths finds planted faults and accepts good citations."""

import os
import subprocess
import sys
import tempfile
import unittest

import citation_check


class Citations(unittest.TestCase):
    """A small repository with good citations, one of them broken at a time."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = scratch.name
        self.put(
            "README.md",
            "# It\n\nSee [the queue](docs/queue.md#why-no-row-is-missed), [tests](tests) and [this](#it).\n",
        )
        self.put(
            "docs/queue.md",
            "# Queue\n\n## Why no row is *missed*\n\n`apps/reader/poll.cpp` decides; [back](../README.md#it).\n\n"
            "```\napps/<daemon>/*.{cpp,hpp}   # Not a heading\n```\n\n## `/readyz` says\n\n## Twice\n\n## Twice\n",
        )
        self.put(
            "apps/reader/poll.cpp",
            "// docs/queue.md#twice-1 says why, docs/queue.md#readyz-says what; libs/base has the rest.\n",
        )
        self.put(
            "apps/reader/poll.hpp",
            "// DESIGNED for apps/reader/poll.cpp (a README.md has more), see https://example.org/no.md\n",
        )
        self.put("libs/base/time.hpp", "")
        self.put("migrations/000001_init.up.sql", "-- docs/queue.md: the poll\n")
        self.put("tests/check.py", '"""What docs/queue.md says."""\nissues = 3\n')

    def put(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def assert_found(self, text):
        found = citation_check.check(self.root)
        self.assertEqual(len(found), 1, found)
        self.assertIn(text, found[0])

    def test_good_citations_are_left_alone(self):
        self.assertEqual(citation_check.check(self.root), [])

    def test_a_page_that_is_not_there(self):
        self.put("apps/reader/plan.hpp", "int x;\n// Why: docs/poll.md.\n")
        self.assert_found("apps/reader/plan.hpp:2: there is no docs/poll.md")

    def test_an_anchor_that_is_not_there(self):
        self.put("apps/reader/plan.hpp", "// docs/queue.md#leases\n")
        self.assert_found("apps/reader/plan.hpp:1: docs/queue.md has no heading #leases")

    def test_a_heading_in_a_code_block_is_no_anchor(self):
        self.put("apps/reader/plan.hpp", "// docs/queue.md#not-a-heading\n")
        self.assert_found("docs/queue.md has no heading #not-a-heading")

    def test_a_path_in_a_comment_of_each_language(self):
        for path, sign in {
            "apps/a.cpp": "//",
            "apps/a.hpp": "///",
            "migrations/a.sql": "--",
            "tests/a.sh": "#",
            "tests/a.py": "#",
            "deploy/a.yaml": "#",
            "tests/CMakeLists.txt": "#",
        }.items():
            with self.subTest(path):
                self.put(path, f"{sign} as in libs/base/gone.hpp\n")
                self.assert_found(f"{path}:1: there is no libs/base/gone.hpp")
                os.remove(os.path.join(self.root, path))

    def test_a_path_in_a_docstring(self):
        self.put("tests/check.py", 'x = 1\n"""Of two lines,\nlike libs/gone.hpp."""\n')
        self.assert_found("tests/check.py:2: there is no libs/gone.hpp")

    def test_a_link_of_a_page(self):
        self.put("docs/other.md", "[no](poll.md)\n")
        self.assert_found("docs/other.md:1: there is no poll.md")

    def test_a_link_is_relative_to_its_page(self):
        self.put("docs/other.md", "[no](docs/queue.md)\n")
        self.assert_found("docs/other.md:1: there is no docs/queue.md")

    def test_an_anchor_of_the_same_page(self):
        self.put("docs/other.md", "# Other\n\n[yes](#other) [no](#another)\n")
        self.assert_found("docs/other.md:3: docs/other.md has no heading #another")

    def test_a_path_in_a_code_span_and_in_a_code_block(self):
        self.put("docs/other.md", "`libs/base/gone.hpp`\n")
        self.assert_found("docs/other.md:1: there is no libs/base/gone.hpp")
        self.put("docs/other.md", "```bash\ndeploy/host/gone.sh version\n```\n")
        self.assert_found("docs/other.md:2: there is no deploy/host/gone.sh")

    def test_each_choice_of_a_placeholder(self):
        self.put(
            "docs/other.md",
            "`apps/reader/{poll,plan}.cpp` `migrations/NNNNNN_name.up.sql` `apps/<any daemon>/poll.hpp`\n",
        )
        self.assert_found("docs/other.md:1: there is no apps/reader/{poll,plan}.cpp")

    def test_what_is_not_in_this_repository(self):
        for text in (
            "DESIGN section 2",
            "see PITFALLS",
            "MEASURED",
            "the proof (issue 3)",
            "Issue #12",
            "/work/shared",
        ):
            with self.subTest(text):
                self.put("apps/reader/plan.hpp", f"// {text}\n")
                self.assert_found("apps/reader/plan.hpp:1: cites what is not in this repository")

    def test_a_long_readme(self):
        self.put("README.md", "# It\n" * 201)
        self.assert_found("README.md:201: has 201 lines")

    def test_a_planted_file_fails_the_program(self):
        self.put("apps/reader/plan.hpp", "// docs/poll.md\n")
        ended = subprocess.run(
            [sys.executable, citation_check.__file__, self.root], capture_output=True, text=True, check=False
        )
        self.assertEqual(ended.returncode, 1)
        self.assertIn("apps/reader/plan.hpp:1:", ended.stdout)


if __name__ == "__main__":
    unittest.main()
