#!/usr/bin/env python3
"""Tests a hostile page of another site that an operator opens: headless Chromium loads it, and its script and its forms
try to publish, lease and purge on each daemon, and to read from it under a name that the attacker points to this
machine. Every attempt must fail."""

import contextlib
import http.client
import http.server
import json
import sys
import threading
import unittest

from browser import OTHER_SITE, fetch, main

PAGE = b"<!doctype html><title>kittens</title><h1>Kittens</h1>"
# Without a preflight: what any page may send.
POST = """
const [url, body, done] = arguments;
fetch(url, {method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body: body})
    .then(() => done('sent'), error => done('not sent: ' + error));
"""
FORM = """
const [url, body] = arguments;
const form = document.createElement('form');
form.method = 'POST'; form.enctype = 'text/plain'; form.action = url;
const field = document.createElement('input');
field.name = body.slice(0, -1) + ',"x":"'; field.value = '"}';
form.append(field); document.body.append(form); form.submit();
"""
READ = (
    "const [url, done] = arguments; fetch(url).then(r => r.text()).then(done, error => done('refused: ' + error.name));"
)
MESSAGE = '{"topic":"kittens","messages":[{"gpu_id":"GPU-kitten"}]}'
LEASE = '{"topic":"telemetry","consumer_id":"kitten","max":100,"lease_seconds":3600}'
ATTEMPTS = (
    ("mqwriter", "/v1/publish", MESSAGE),
    ("mqreader", "/v1/lease", LEASE),
    ("mqreader", "/v1/dead-letters/purge", '{"all":true}'),
    ("mqreader", "/v1/dead-letters/redrive", '{"all":true}'),
)


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


class OtherSiteTest(unittest.TestCase):
    stack = browser = None  # browser.main() starts and ends them

    def setUp(self):
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        self.site = f"http://{OTHER_SITE}:{site.server_port}/"
        self.stack.cluster.sql("""
            INSERT INTO dead_letters (topic, msg_uuid, partition_key, payload, reason, attempts, created_at)
            VALUES ('telemetry', gen_random_uuid(), 1, '{"gpu_id":"GPU-1"}', 'test', 1, now())""")

    def refused(self, service, path):
        """How often the daemon returned 403 on this route."""
        text = fetch(self.stack.daemons[service].url + "/metrics")[1].decode()
        for line in text.splitlines():
            if (
                line.startswith(f"prompted_{service}_http_requests_total")
                and f'route="{path}"' in line
                and 'status="403"' in line
            ):
                return int(float(line.split()[-1]))
        return 0

    def state(self):
        """What a successful attempt would have changed."""
        return (
            self.stack.cluster.sql("SELECT count(*) FROM queue_messages"),
            self.stack.cluster.sql("SELECT count(*) FROM dead_letters"),
        )

    def check_attempts(self, attempt):
        def counts(service, path, expected):
            return lambda: self.refused(service, path) == expected

        before = self.state()
        for service, path, body in ATTEMPTS:
            with self.subTest(path=path):
                refused = self.refused(service, path)
                self.browser.open(self.site)
                attempt(self.stack.daemons[service].url + path, body)
                self.browser.wait(counts(service, path, refused + 1), f"{path} was not refused")
        self.assertEqual(self.state(), before)

    def test_a_script_changes_nothing(self):
        def attempt(url, body):
            self.assertEqual(self.browser.driver.execute_async_script(POST, url, body), "sent")

        self.check_attempts(attempt)

    def test_a_form_changes_nothing(self):
        self.check_attempts(lambda url, body: self.browser.driver.execute_script(FORM, url, body))

    def test_a_script_reads_nothing(self):
        for service, daemon in self.stack.daemons.items():
            with self.subTest(service):
                self.browser.open(self.site)
                said = self.browser.driver.execute_async_script(READ, daemon.url + "/metrics")
                self.assertEqual(said, "refused: TypeError")

    def test_a_rebound_name_reads_nothing(self):
        """The browser takes the daemon for the page's own origin; the daemon does not know the name."""
        for service, daemon in self.stack.daemons.items():
            with self.subTest(service):
                for path in ("/metrics", "/healthz", "/swagger/index.html"):
                    self.browser.open(f"http://{OTHER_SITE}:{daemon.port}{path}")
                    text = self.browser.driver.execute_script("return document.body.innerText")
                    self.assertIn("Misdirected Request", text)
                self.browser.open(f"http://{OTHER_SITE}:{daemon.port}/healthz")
                said = self.browser.driver.execute_async_script(READ, "/metrics")
                self.assertIn("Misdirected Request", said)

    def test_names_of_compose_and_of_the_charts_are_served(self):
        for service, daemon in self.stack.daemons.items():
            for host in (
                f"{service}:8084",
                f"prompted-{service}",
                f"prompted-{service}.default.svc",
                "localhost:1",
                "[::1]:8084",
                f"prompted-{service}.default.svc.cluster.local:8084",
            ):
                with self.subTest(service=service, host=host):
                    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
                    with contextlib.closing(connection):
                        connection.request("GET", "/healthz", headers={"Host": host})
                        answer = connection.getresponse()
                        self.assertEqual((answer.status, json.loads(answer.read())["status"]), (200, "ok"))


if __name__ == "__main__":
    sys.exit(main(OtherSiteTest))
