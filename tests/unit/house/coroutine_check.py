#!/usr/bin/env python3
"""The unsafe coroutine form (g++ 12, GCC PR 107288 and kin): a temporary that is a capturing lambda or is built by
braces, in one full expression with co_await, can be destroyed twice. Name it first, then std::move it. And co_await as
the condition of an `if` or a loop can be miscompiled (it crashes or never resumes): name its result first.

coroutine_check.py DIRECTORY...   prints FILE:LINE for each and exits 1.
"""

import os
import re
import sys

TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|[A-Za-z_]\w*|\d[\w.\']*|::|->|&&|\|\||\S')
OPEN, CLOSE = "([{", ")]}"
CONTROL = {"if", "while", "for", "switch", "catch"}
# Braces of these make no temporary with a destructor.
HARMLESS = {"nanoseconds", "microseconds", "milliseconds", "seconds", "minutes", "hours", "string_view", "size_t"}


def without_comments(text):
    """Comments and raw strings become blanks; lines stay."""
    pattern = r'R"([^()\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/'

    def blank(match):
        piece = match.group()
        if piece.startswith('"'):
            return piece
        return ('""' if piece.startswith("R") else " ") + "\n" * piece.count("\n")

    return re.sub(pattern, blank, text, flags=re.S)


def tokens_of(text):
    """[(token, line)], preprocessor lines left out."""
    out = []
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        if not line.lstrip().startswith("#"):
            out += [(m.group(), number) for m in TOKEN.finditer(line)]
    return out


def is_word(token):
    return re.match(r"[A-Za-z_]", token) is not None


def matching(words):
    """{index of an opening bracket: index of its closing one}, and the other way round"""
    pairs, stack = {}, []
    for i, word in enumerate(words):
        if word in OPEN and len(word) == 1:
            stack.append(i)
        elif word in CLOSE and len(word) == 1 and stack:
            j = stack.pop()
            pairs[i], pairs[j] = j, i
    return pairs


def type_begin(words, i):
    """Where the type name that ends at i (`std::vector<int>`) begins."""
    while True:
        if words[i] == ">":
            depth = 0
            while i >= 0:
                depth += (words[i] == ">") - (words[i] == "<")
                if depth == 0:
                    break
                i -= 1
            i -= 1
        if i < 1 or not is_word(words[i]) or words[i - 1] != "::":
            return i
        i -= 2


def is_block(words, i):
    """Is the brace at i a block (a function's, a loop's) and not an initializer?"""
    before = words[i - 1] if i else ";"
    if before in ");{}:" or before in {"else", "do", "try", "mutable", "noexcept", "const", "override", "final"}:
        return True
    if is_word(before) or before == ">":
        begin = type_begin(words, i - 1)
        return begin > 0 and words[begin - 1] in {"->", "namespace", "struct", "class", "enum", "union", "requires"}
    return before == "]"  # a lambda without parameters


def expression_around(words, pairs, at):
    """[first, last] of the full expression that holds the co_await at `at`."""
    first = at
    while first > 0:
        before = words[first - 1]
        if before in (";", "}") and not (before == "}" and not is_block(words, pairs.get(first - 1, 0))):
            break
        if before == "{" and is_block(words, first - 1):
            break
        if before == "(" and first >= 2 and words[first - 2] in CONTROL:
            break
        if before in (")", "]", "}") and first - 1 in pairs:
            begin = pairs[first - 1]
            if before == ")" and begin > 0 and words[begin - 1] in CONTROL:
                break  # `if (…) co_await …`
            first = begin
        else:
            first -= 1
    last = at
    while last + 1 < len(words):
        after = words[last + 1]
        if after == ";" or (after == "}" and is_block(words, pairs.get(last + 1, 0))):
            break
        if (
            after == ")"
            and last + 1 in pairs
            and pairs[last + 1] > 0
            and words[pairs[last + 1] - 1] in CONTROL
            and pairs[last + 1] < first
        ):
            break
        last = pairs[last + 1] if after in ("(", "[", "{") and last + 1 in pairs else last + 1
    return first, last


def captures(words, pairs, i):
    """Is the bracket at i the beginning of a capturing lambda?"""
    before = words[i - 1] if i else ";"
    if is_word(before) and before not in {"return", "co_return", "co_await", "co_yield"} or before in (")", "]"):
        return False  # a subscript
    close = pairs.get(i, i)
    return close > i + 1 and words[i + 1] != "[" and words[close + 1] in {"(", "{", "<", "mutable", "->"}


def brace_temporary(words, i, first):
    if is_block(words, i):
        return False
    before = words[i - 1]
    if not (is_word(before) or before == ">"):
        return before in ("(", ",", "=", "?", ":")
    if before in {"return", "co_return", "co_await"}:
        return True
    begin = type_begin(words, i - 1)
    if words[i - 1] in HARMLESS:
        return False
    declared = (
        begin > first
        and (is_word(words[begin - 1]) or words[begin - 1] in (">", "&", "*"))
        and words[begin - 1] not in {"return", "co_return", "co_await", "co_yield", "throw", "new"}
    )
    return not declared  # `Type name{…}` names it


def in_condition(words, pairs, at):
    """Is the co_await at `at` in the condition of an if or a loop, and not the value of a variable that is named
    there?"""
    i = at
    while i > 0:
        before = words[i - 1]
        if before in ("=", ";", "{", ":") or before == "}":
            return False  # a named result, an init statement, a range
        if before == "(":
            if i >= 2 and words[i - 2] in {"if", "while"}:
                return True
            i -= 1
        elif before in (")", "]") and i - 1 in pairs:
            begin = pairs[i - 1]
            if before == ")" and begin > 0 and words[begin - 1] in CONTROL:
                return False  # behind the condition
            i = begin
        else:
            i -= 1
    return False


def check(text):
    """[line of each unsafe expression]"""
    tokens = tokens_of(text)
    words = [t for t, _ in tokens]
    pairs = matching(words)
    found = set()
    for at, word in enumerate(words):
        if word not in ("co_await", "co_yield"):
            continue
        if in_condition(words, pairs, at):
            found.add(tokens[at][1])
        first, last = expression_around(words, pairs, at)
        i = first
        while i <= last:
            if words[i] == "[" and captures(words, pairs, i):
                found.add(tokens[at][1])
            if words[i] == "{" and brace_temporary(words, i, first):
                found.add(tokens[at][1])
            # The body of a lambda without captures is other statements.
            i = (
                pairs[i] + 1
                if words[i] == "{" and is_block(words, i) and pairs.get(i, i) > i and not (i < at < pairs[i])
                else i + 1
            )
    return sorted(found)


def main():
    bad = False
    for top in sys.argv[1:]:
        for directory, _, names in os.walk(top):
            for name in sorted(names):
                if name.endswith((".cpp", ".hpp")):
                    path = os.path.join(directory, name)
                    with open(path, encoding="utf-8") as file:
                        for line in check(file.read()):
                            bad = True
                            print(
                                f"{path}:{line}: co_await in a condition, or beside a capturing lambda or "
                                "brace temporary: name it first"
                            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
