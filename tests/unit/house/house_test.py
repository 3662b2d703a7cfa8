#!/usr/bin/env python3
"""Each house check finds planted faults and accepts the allowed forms."""

import os
import subprocess
import tempfile
import unittest

import coroutine_check
import include_check


class Includes(unittest.TestCase):
    """A house of a few files, compiled by ninja for real, with one wall broken at a time."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = os.path.realpath(scratch.name) + "/house"
        self.outside = os.path.realpath(scratch.name) + "/system"
        for header in ("boost/beast/core.hpp", "pqxx/pqxx", "spdlog/spdlog.h", "CLI/CLI.hpp"):
            self.write(f"{self.outside}/{header}", "")
        for header in (
            "libs/base/time.hpp",
            "libs/http/router.hpp",
            "libs/postgres/session.hpp",
            "apps/a/sql.hpp",
            "apps/b/app.hpp",
        ):
            self.put(header, "")
        self.put("libs/base/log.cpp", "#include <spdlog/spdlog.h>")
        self.put("libs/http/server.cpp", "#include <boost/beast/core.hpp>\n#include \"base/time.hpp\"")
        self.put("libs/models/row.cpp", '#include "base/time.hpp"')
        self.put("apps/a/handlers.cpp", '#include "http/router.hpp"')
        self.put("apps/a/store.cpp", '#include <pqxx/pqxx>\n#include "postgres/session.hpp"\n#include "a/sql.hpp"')

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")

    def put(self, path, text):
        self.write(f"{self.root}/{path}", text)

    def judge(self):
        build = self.root + "/build"
        flags = f"-I {self.root}/libs -I {self.root}/apps -isystem {self.outside}"
        rule = f"rule cxx\n  command = g++ -MD -MF $out.d {flags} -c $in -o $out\n  deps = gcc\n  depfile = $out.d\n"
        lines = [
            f"build {s.replace('/', '_')}.o: cxx {self.root}/{s}" for s in sorted(include_check.sources_of(self.root))
        ]
        self.write(build + "/build.ninja", rule + "\n".join(lines))
        subprocess.run(["ninja", "-C", build], check=True, capture_output=True)
        return include_check.judge(self.root, include_check.read_deps(build))

    def assert_found(self, text):
        found = self.judge()
        self.assertTrue(any(text in line for line in found), f"{text!r} is not in {found}")

    def test_a_good_house_is_left_alone(self):
        self.assertEqual(self.judge(), [])

    def test_pqxx_reachable_from_a_handler_through_a_header(self):
        self.put("apps/a/store.hpp", '#include "postgres/session.hpp"')
        self.put("libs/postgres/session.hpp", "#include <pqxx/pqxx>")
        self.put("apps/a/handlers.cpp", '#include "a/store.hpp"')
        self.assert_found("apps/a/handlers.cpp: pqxx is reachable")

    def test_beast_reachable_from_a_handler(self):
        self.put("libs/http/router.hpp", "#include <boost/beast/core.hpp>")
        self.assert_found("apps/a/handlers.cpp: Beast is reachable")

    def test_beast_in_a_model(self):
        self.put("libs/models/row.cpp", "#include <boost/beast/core.hpp>")
        self.assert_found("libs/models/row.cpp: Beast is reachable")

    def test_an_app_includes_another(self):
        self.put("apps/a/handlers.cpp", '#include "b/app.hpp"')
        self.assert_found("an app includes another app: apps/b/app.hpp")

    def test_a_library_includes_an_app(self):
        self.put("libs/models/row.cpp", '#include "../../apps/b/app.hpp"')
        self.assert_found("a library includes an app")

    def test_a_model_includes_http(self):
        self.put("libs/models/row.cpp", '#include "http/router.hpp"')
        self.assert_found("libs/models may not include libs/http")

    def test_http_includes_postgres(self):
        self.put("libs/http/server.cpp", '#include "postgres/session.hpp"')
        self.assert_found("libs/http may not include libs/postgres")

    def test_a_store_includes_http(self):
        self.put("apps/a/store.cpp", '#include "http/router.hpp"')
        self.assert_found("a store includes HTTP")

    def test_a_stores_sibling_is_a_store(self):
        self.put("apps/a/dead_store.cpp", '#include <pqxx/pqxx>\n#include "a/sql.hpp"')
        self.assertEqual(self.judge(), [])
        self.put("apps/a/dead_store.cpp", '#include "http/router.hpp"')
        self.assert_found("a store includes HTTP")

    def test_sql_in_a_handler(self):
        self.put("apps/a/handlers.cpp", '#include "a/sql.hpp"')
        self.assert_found("only store.cpp includes sql.hpp")

    def test_sql_of_another_room(self):
        self.put("apps/mqreader/poll/sql.hpp", "")
        self.put("apps/mqreader/poll/poll_store.cpp", '#include <pqxx/pqxx>\n#include "mqreader/poll/sql.hpp"')
        self.assertEqual(self.judge(), [])
        self.put("apps/mqreader/poll/poller.cpp", '#include "mqreader/poll/sql.hpp"')
        self.assert_found("apps/mqreader/poll/poller.cpp: only store.cpp includes sql.hpp")
        self.put("apps/mqreader/lease/lease_store.cpp", '#include "mqreader/poll/sql.hpp"')
        self.assert_found("apps/mqreader/lease/lease_store.cpp: poll/sql.hpp belongs to the store beside it")

    def test_a_room_includes_only_what_it_may(self):
        for header in ("poll/incarnation", "poll/poll_plan", "lease/writes", "lease/message_table", "topic"):
            self.put(f"apps/mqreader/{header}.hpp", "")
        self.put(
            "apps/mqreader/lease/redelivery.cpp",
            '#include "mqreader/poll/incarnation.hpp"\n#include "mqreader/lease/writes.hpp"',
        )
        self.put(
            "apps/mqreader/topic.cpp",
            '#include "mqreader/poll/poll_plan.hpp"\n#include "mqreader/lease/message_table.hpp"',
        )
        self.put("apps/mqreader/dead_letters/mover.cpp", '#include "mqreader/lease/writes.hpp"')
        self.assertEqual(self.judge(), [])
        self.put("apps/mqreader/lease/redelivery.cpp", '#include "mqreader/poll/poll_plan.hpp"')
        self.assert_found("apps/mqreader/lease/redelivery.cpp: lease/ may not include poll/poll_plan.hpp")
        self.put("apps/mqreader/poll/poller.cpp", '#include "mqreader/lease/writes.hpp"')
        self.assert_found("apps/mqreader/poll/poller.cpp: poll/ may not include lease/writes.hpp")
        self.put("apps/mqreader/ownership/ownership.cpp", '#include "mqreader/topic.hpp"')
        self.assert_found("apps/mqreader/ownership/ownership.cpp: ownership/ may not include topic.hpp")
        self.put("apps/mqreader/dead_letters/mover.cpp", '#include "mqreader/lease/message_table.hpp"')
        self.assert_found("apps/mqreader/dead_letters/mover.cpp: dead_letters/ may not include lease/message_table.hpp")

    def test_a_room_without_arrows(self):
        self.put("apps/mqreader/attic/box.cpp", "")
        self.assert_found("apps/mqreader/attic/box.cpp: attic/ is no room that include_check.py knows")

    def test_spdlog_and_cli11_in_two_files(self):
        self.put("libs/base/other.cpp", "#include <spdlog/spdlog.h>\n#include <CLI/CLI.hpp>")
        self.put("libs/config/schema.cpp", "#include <CLI/CLI.hpp>")
        self.assert_found("spdlog belongs in one file")
        self.assert_found("CLI11 belongs in one file")

    def test_a_file_that_was_not_built_is_not_taken_for_good(self):
        self.judge()
        self.put("apps/a/routes.cpp", "")
        found = include_check.judge(self.root, include_check.read_deps(self.root + "/build"))
        self.assertEqual(len(found), 1)
        self.assertIn("apps/a/routes.cpp: not built yet", found[0])

    def test_words(self):
        self.put("libs/config/load.cpp", 'auto x = std::getenv("A");')
        self.put("apps/a/app.cpp", "// std::mutex is only mentioned\n")
        self.assertEqual(include_check.words_out_of_place(self.root), [])
        self.put("apps/a/app.cpp", 'auto x = getenv("A");\nstd::shared_mutex m;')
        self.assertEqual(
            [line.split(": ")[0] for line in include_check.words_out_of_place(self.root)],
            ["apps/a/app.cpp:1", "apps/a/app.cpp:2"],
        )


UNSAFE = [
    "co_await db.run([s] { return s; });",
    "co_await db.run([&](Session& session) { return session.exec(q); }, deadline);",
    "auto rows = co_await db_.run([=](Session& s) mutable { return s; });",
    "co_spawn(co_await asio::this_coro::executor, [x]() -> awaitable<void> { co_return; }, detached);",
    "co_await store.insert({1, 2});",
    "co_await store.insert(Batch{rows, 3});",
    "co_await store.insert(models::Batch{.rows = rows});",
    "co_return co_await store.insert(std::vector<int>{1, 2});",
    "if (co_await store.insert(Batch{rows})) { go(); }",
    "if (ready) co_await store.insert(Batch{rows});",
    "co_yield Row{1, text};",
    "auto x = f(Batch{rows}, co_await next());",
    "if (co_await persist()) co_await settle();",
    "if (!co_await signal.wait_until(when)) co_return;",
    "while (more && co_await next(1)) go();",
]
SAFE = [
    "Batch batch{rows, 3}; co_await store.insert(std::move(batch));",
    "auto work = [s] { return s; }; co_await db.run(std::move(work));",
    "co_await base::sleep_for(std::chrono::milliseconds{5});",
    "co_await db.run([](Session& session) { return session.exec(q); });",
    "auto value = co_await things[i].next();",
    "while (auto item = co_await channel.receive()) { use(Batch{item}); auto f = [item] { return item; }; }",
    "const Reply reply = co_await call(); co_return Reply{reply.status, 1};",
    "auto plain() { return db_.run([s](Session& x) { return x.exec(s); }, deadline); }",
    "// co_await db.run([s] { return s; });",
    'log::info("co_await f({1})");',
    "auto f = [](Source source) -> awaitable<void> { Batch batch{1}; co_await source.next(); };",
    "for (auto& item : co_await list()) { use(Item{item}); }",
    "if (a) { co_await f(); } else { g(Batch{1}); }",
    "std::optional<Row> row{co_await next()};",
    "if (const bool more = co_await next(); more) go();",
    "if (ready(a)) co_await settle();",
    "while (!closed) { co_await settle(); }",
]


class Coroutines(unittest.TestCase):
    def test_unsafe_forms_are_found(self):
        for line in UNSAFE:
            self.assertEqual(coroutine_check.check("awaitable<void> f() {\n" + line + "\n}\n"), [2], line)

    def test_a_form_over_several_lines_is_found(self):
        text = "awaitable<void> f() {\n  co_await store.insert(\n      Batch{\n          rows});\n}\n"
        self.assertEqual(coroutine_check.check(text), [2])

    def test_safe_forms_are_left_alone(self):
        for line in SAFE:
            self.assertEqual(coroutine_check.check("awaitable<void> f() {\n" + line + "\n}\n"), [], line)

    def test_a_planted_file_fails_the_program(self):
        with tempfile.TemporaryDirectory() as scratch:
            with open(scratch + "/store.cpp", "w", encoding="utf-8") as file:
                file.write("awaitable<void> f() {\n  co_await db.run([s] { return s; });\n}\n")
            program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "coroutine_check.py")
            ended = subprocess.run(["python3", program, scratch], capture_output=True, text=True, check=False)
            self.assertEqual(ended.returncode, 1)
            self.assertIn("store.cpp:2:", ended.stdout)


if __name__ == "__main__":
    unittest.main()
