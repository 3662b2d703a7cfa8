#!/usr/bin/env python3
"""Swagger UI as a person uses it: headless Chromium opens each daemon's page, unfolds operations, tries them out, and the answer
read from the page is compared with the API's own. No request may leave for another origin, and the console must stay free of errors.

Screenshots go to build/browser/. Needs Debian's chromium, chromium-driver and python3-selenium; deploy/host/test-browser.sh installs
them and builds the daemons.
"""
import argparse
import base64
import contextlib
import http.client
import json
import pathlib
import sys
import tempfile
import unittest
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/contract"))
from stack import FIRST_ROW, GPUS, Stack  # noqa: E402  (found by the line above)

PICTURES = ROOT / "build/browser"
WAIT_SECONDS = 30
# As root in a container there is no sandbox to be had; the rest keeps Chromium from calling home.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1400,1600")


def fetch(url):
    """Status and body, past any proxy."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
        answer = connection.getresponse()
        return answer.status, answer.read()


class Browser:
    """A context manager: Chromium with a profile of its own, which goes with it."""

    def __enter__(self):
        self._exit = contextlib.ExitStack()
        try:
            profile = self._exit.enter_context(tempfile.TemporaryDirectory(prefix="prompted-browser-", ignore_cleanup_errors=True))
            options = webdriver.ChromeOptions()
            options.binary_location = "/usr/bin/chromium"
            for flag in (*FLAGS, f"--user-data-dir={profile}/profile"):
                options.add_argument(flag)
            options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
            # What Chromium keeps outside its profile lands there too.
            environment = {"HOME": profile, "TMPDIR": profile, "PATH": "/usr/bin:/bin"}
            service = Service("/usr/bin/chromedriver", env=environment)
            self.driver = webdriver.Chrome(service=service, options=options)
            self._exit.callback(self.driver.quit)
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_):
        self._exit.close()

    def wait(self, condition, what):
        return WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: condition(), what)

    def all(self, selector, root=None):
        return (root or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector, root=None):
        """Waits for it to be there and visible."""
        found = self.wait(lambda: [element for element in self.all(selector, root) if element.is_displayed()], f"no {selector}")
        return found[0]

    def open(self, url):
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(url)

    def requests(self):
        """The URLs that the page asked for since open(), by the browser's own network log."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def console_errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def picture(self, element, name, until=None):
        """The element down to its end or to that of `until` in it, also what lies beyond the window."""
        area = self.driver.execute_script(
            "const r = arguments[0].getBoundingClientRect(), end = arguments[1].getBoundingClientRect().bottom;"
            "return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: Math.min(end - r.top, 6000), scale: 1}",
            element, until or element)
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": area})
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


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
    stack = browser = None  # main() starts and ends them: unittest's own clean-up is skipped on Ctrl-C

    def page(self, service):
        return SwaggerPage(self.browser, self.stack.daemons[service].url)

    def picture_of_call(self, block, name):
        """The call and its answer, without the documentation that follows."""
        self.browser.picture(block, name, until=self.browser.one(".live-responses-table", block))

    def check_quiet(self, page):
        """Nothing went elsewhere, and the console has no error."""
        requests = self.browser.requests()
        self.assertIn(page.url + "/swagger/doc.json", requests, "the network log")
        elsewhere = [url for url in requests
                     if not url.startswith((page.url + "/", "data:", "blob:" + page.url))]
        self.assertEqual(elsewhere, [], "requests to another origin")
        entries = self.browser.driver.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
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
                documented = [spec["operationId"] for methods in document["paths"].values() for spec in methods.values()]
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default=ROOT / "bin", help="where apigw, mqwriter and mqreader are (bin)")
    arguments, rest = parser.parse_known_args()
    with Stack(arguments.programs) as stack:
        with Browser() as browser:
            SwaggerTest.stack, SwaggerTest.browser = stack, browser
            passed = unittest.main(argv=[sys.argv[0], *rest], verbosity=2, exit=False).result.wasSuccessful()
    return 0 if passed and not stack.bad_ends else 1


if __name__ == "__main__":
    sys.exit(main())
