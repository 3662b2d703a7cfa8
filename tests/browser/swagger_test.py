#!/usr/bin/env python3
"""Swagger UI as a person uses it: headless Chromium opens each daemon's page, unfolds operations, tries them out, and
the answer read from the page is compared with the API's own. No request may leave for another origin, and the console
must stay free of errors.
"""

import json
import sys
import unittest
import urllib.parse

from browser import fetch, main
from stack import FIRST_ROW, GPUS


class SwaggerPage:
    """/swagger/index.html of one daemon."""

    def __init__(self, browser, url):
        self.browser, self.url = browser, url
        browser.open(url + "/swagger/index.html")
        browser.one(".opblock")

    def unfold(self, operation_id):
        """The operation's block, unfolded."""
        block = self.browser.one(f".opblock[id$='-{operation_id}']")
        self.browser.one(".opblock-summary-control", block).click()
        self.browser.one(".opblock-body", block)
        return block

    def try_out(self, operation_id, **values):
        """Unfolds, fills the parameters, executes; (block, URL shown, status shown, body shown)."""
        block = self.unfold(operation_id)
        self.browser.one(".try-out__btn", block).click()
        for name, value in values.items():
            field = self.browser.one(f"tr[data-param-name='{name}'] input", block)
            field.clear()
            field.send_keys(value)
        self.browser.one(".execute", block).click()
        answer = self.browser.one(".live-responses-table", block)
        url = self.browser.one(".request-url pre", block).text
        status = self.browser.one(".response-col_status", self.browser.one("tbody .response", answer)).text
        body = self.browser.one("tbody .response .highlight-code code, tbody .response .microlight", answer)
        return block, url, status.split()[0], body.get_attribute("textContent")


class SwaggerTest(unittest.TestCase):
    stack = browser = None  # browser.main() starts and ends them

    def page(self, service):
        return SwaggerPage(self.browser, self.stack.daemons[service].url)

    def picture_of_call(self, block, name):
        """The call and its answer, without the documentation that follows."""
        self.browser.picture(block, name, until=self.browser.one(".live-responses-table", block))

    def check_quiet(self, page):
        """Nothing went elsewhere, and the console has no error."""
        requests = self.browser.requests()
        self.assertIn(page.url + "/swagger/doc.json", requests, "the network log")
        elsewhere = [url for url in requests if not url.startswith((page.url + "/", "data:", "blob:" + page.url))]
        self.assertEqual(elsewhere, [], "requests to another origin")
        entries = self.browser.driver.execute_script(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        self.assertGreater(len(entries), 3, "the page's own record of what it loaded")
        self.assertEqual([url for url in entries if not url.startswith((page.url + "/", "data:"))], [])
        self.assertEqual(self.browser.console_errors(), [])

    def check_answer(self, url, status, body, path):
        """What the page shows is what the API answers to the URL that the page shows."""
        self.assertEqual(urllib.parse.urlsplit(url).path, path)
        self.assertEqual(status, "200")
        own_status, own_body = fetch(url)
        self.assertEqual(own_status, 200)
        self.assertEqual(json.loads(body), json.loads(own_body))
        return json.loads(body)

    def test_list_of_gpus(self):
        page = self.page("apigw")
        block, url, status, body = page.try_out("listGpus")
        answer = self.check_answer(url, status, body, "/api/v1/gpus")
        self.assertEqual([gpu["id"] for gpu in answer["gpus"]], sorted(GPUS))
        self.picture_of_call(block, "apigw-gpus")
        self.check_quiet(page)

    def test_telemetry_of_one_gpu(self):
        page = self.page("apigw")
        block, url, status, body = page.try_out("getGpuTelemetry", id=GPUS[1], limit="3")
        answer = self.check_answer(url, status, body, f"/api/v1/gpus/{GPUS[1]}/telemetry")
        self.assertEqual(answer["gpu_id"], GPUS[1])
        self.assertEqual(len(answer["entries"]), 3)
        self.assertEqual(answer["entries"][0]["timestamp"], FIRST_ROW)
        self.picture_of_call(block, "apigw-telemetry")
        self.check_quiet(page)

    def test_every_operation_is_shown(self):
        for service, daemon in self.stack.daemons.items():
            with self.subTest(service):
                page = self.page(service)
                document = json.loads(fetch(daemon.url + "/swagger/doc.json")[1])
                documented = [
                    spec["operationId"] for methods in document["paths"].values() for spec in methods.values()
                ]
                shown = [block.get_attribute("id").rpartition("-")[2] for block in self.browser.all(".opblock")]
                self.assertEqual(sorted(shown), sorted(documented))
                self.assertEqual(self.browser.all(".errors-wrapper"), [])
                self.browser.picture(self.browser.one(".swagger-ui"), f"{service}-page")
                self.check_quiet(page)

    def test_publish_and_partitions(self):
        page = self.page("mqwriter")
        block, _, status, body = page.try_out("publish")
        self.assertEqual((status, json.loads(body)), ("200", {"accepted": 1, "duplicates": 0}))
        self.picture_of_call(block, "mqwriter-publish")
        self.check_quiet(page)
        page = self.page("mqreader")
        block, _, status, body = page.try_out("listPartitions")
        self.assertEqual((status, json.loads(body)["owned"]), ("200", 256))
        self.check_quiet(page)

    def test_entrances_lead_to_the_page(self):
        for path in ("/", "/swagger", "/swagger/"):
            with self.subTest(path):
                self.browser.open(self.stack.daemons["apigw"].url + path)
                self.browser.one(".opblock")
                self.assertTrue(self.browser.driver.current_url.split("#")[0].endswith("/swagger/index.html"))


if __name__ == "__main__":
    sys.exit(main(SwaggerTest))
