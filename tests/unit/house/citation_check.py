#!/usr/bin/env python3
"""Every path that comments and docs cite exists, and nothing cites what is not in this repository.

citation_check.py SOURCE_DIR   prints `file:line: what is wrong` and exits with 1 if there is anything.

Code: each word that ends in .md, with its #anchor, and in comments each path below one of the top directories.
Markdown: relative links with their anchors, and paths in code spans and code blocks. `<daemon>`, `*`, `NNN` and
`{a,b}` stand for what they say; one match is enough. README.md is short.
"""

import glob
import os
import re
import sys

TOP = ("apps", "libs", "tests", "migrations", "deploy", "docs", "cmake", "samples", ".ci")
CODE = (".cpp", ".hpp", ".inc", ".in", ".py", ".sh", ".sql", ".psql", ".cmake", ".txt", ".yaml", ".yml", ".tpl")
BARE = ("Makefile", "Dockerfile", "run", "newcomer", ".clang-tidy", ".clang-format", ".env.example")
# These files name what they look for.
THEMSELVES = ("tests/unit/house/citation_check.py", "tests/unit/house/citation_test.py")
README_LINES = 200

OUTSIDE = re.compile(
    r"\bDESIGN\b|\bQUEUE\.md|\bPITFALLS\b|\bMEASURED\b|\b[Ii]ssues? #?\d+|(?<![\w.])/work/(?!telemetry\.csv)"
)
DOCUMENT = re.compile(r"[\w./-]*\w\.md\b(?:#[\w-]+)?")
PATH = re.compile(r"(?<![\w./$}>@~-])(?:\./)?((?:" + "|".join(map(re.escape, TOP)) + r")/(?:<[^<>]*>|[\w./*{},-])*)")
URL = re.compile(r"\w+://\S+")
LINK = re.compile(r"\]\(([^()\s]+)\)")  # its text may begin on the line before


def files_of(root):
    for top, directories, names in os.walk(root):
        if top == root:
            directories[:] = [d for d in directories if d in TOP]
        directories[:] = [d for d in directories if d not in ("__pycache__", "node_modules")]
        for name in names:
            path = os.path.relpath(os.path.join(top, name), root)
            if name.endswith(CODE + (".md",)) or name in BARE:
                yield path


def comment_of(path, line):
    """What follows the sign of a comment, in a string too: that does no harm."""
    sign = "//" if path.endswith((".cpp", ".hpp", ".inc", ".in")) else "--" if path.endswith((".sql", ".psql")) else "#"
    return line.partition(sign)[2]


def docstrings_of(path, text):
    """(line, text) of each docstring of a Python file."""
    for found in re.finditer(r'"""(.*?)"""', text, re.S) if path.endswith(".py") else ():
        yield text.count("\n", 0, found.start()) + 1, found.group(1)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors_of(text):
    found, seen = set(), {}
    for line, fenced in lines_of(text):
        heading = None if fenced else re.match(r"#{1,6} +(.*?)#*$", line)
        if heading:
            name = slug(heading.group(1))
            found.add(f"{name}-{seen[name]}" if name in seen else name)
            seen[name] = seen.get(name, 0) + 1
        found.update(re.findall(r'<a (?:id|name)="([^"]+)"', line))
    return found


def lines_of(text):
    """(line, whether it is inside a code block)"""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            yield "", fenced
        else:
            yield line, fenced


def patterns_of(path):
    """What the placeholders of a cited path stand for, as globs."""
    path = re.sub(r"<[^<>]*>|N{3,}\w*", "*", path)
    braces = re.search(r"\{([^{}]*)\}", path)
    if not braces:
        return [path]
    return [
        p
        for choice in braces.group(1).split(",")
        for p in patterns_of(path[: braces.start()] + choice + path[braces.end() :])
    ]


class Checker:
    def __init__(self, root):
        self.root, self.found, self.anchors = root, [], {}

    def complain(self, path, number, text):
        self.found.append(f"{path}:{number}: {text}")

    def exists(self, path):
        """Each of the choices in braces, anything for a placeholder."""
        if re.search(r"[{}]", path) and path.count("{") != path.count("}"):
            return True  # a template's text
        return all(glob.glob(os.path.join(glob.escape(self.root), pattern)) for pattern in patterns_of(path))

    def has_anchor(self, path, anchor):
        if path not in self.anchors:
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                self.anchors[path] = anchors_of(file.read())
        return anchor in self.anchors[path]

    def document(self, path, number, cited, bases):
        """A citation of a page, relative to one of `bases`."""
        name, _, anchor = cited.partition("#")
        for base in bases:
            target = os.path.normpath(os.path.join(base, name)) if name else path
            if os.path.exists(os.path.join(self.root, target)):
                if anchor and target.endswith(".md") and not self.has_anchor(target, anchor):
                    self.complain(path, number, f"{target} has no heading #{anchor}")
                return
        self.complain(path, number, f"there is no {name}")

    def paths(self, path, number, text):
        for found in PATH.findall(text):
            cited = re.sub(r"[.,:;-]+$", "", found)
            if not self.exists(cited):
                self.complain(path, number, f"there is no {cited}")

    def code(self, path, text):
        for number, line in enumerate(text.splitlines(), 1):
            for cited in DOCUMENT.findall(URL.sub("", line)):
                self.document(path, number, cited.lstrip("/"), (".", os.path.dirname(path)))
            self.paths(path, number, DOCUMENT.sub("", comment_of(path, line)))
        for number, comment in docstrings_of(path, text):
            self.paths(path, number, DOCUMENT.sub("", comment))

    def markdown(self, path, text):
        for number, (line, fenced) in enumerate(lines_of(text), 1):
            if fenced:
                self.paths(path, number, line)
                continue
            for span in re.findall(r"`([^`]+)`", line):
                self.paths(path, number, span)
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if not re.match(r"[a-z]+:", target):
                    self.document(path, number, target, (os.path.dirname(path) or ".",))

    def run(self):
        for path in sorted(files_of(self.root)):
            if path in THEMSELVES:
                continue
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                text = file.read()
            for number, line in enumerate(text.splitlines(), 1):
                for word in OUTSIDE.findall(line):
                    self.complain(path, number, f"cites what is not in this repository: {word}")
            (self.markdown if path.endswith(".md") else self.code)(path, text)
            if path == "README.md" and len(text.splitlines()) > README_LINES:
                self.complain(
                    path, README_LINES + 1, f"has {len(text.splitlines())} lines, at most {README_LINES} are wanted"
                )
        return self.found


def check(root):
    return Checker(os.path.realpath(root)).run()


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
