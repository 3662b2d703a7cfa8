"""Headless Chromium and a stack of daemons, for tests of what users and pages do with the daemons.

Screenshots go to build/browser/. Needs Debian's chromium, chromium-driver and python3-selenium;
deploy/host/test-browser.sh installs them and builds the daemons.
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
from stack import Stack  # noqa: E402  (found by the line above)

PICTURES = ROOT / "build/browser"
WAIT_SECONDS = 30
OTHER_SITE = "other-site.example"  # a name that resolves to this machine, as an attacker's may
# As root in a container there is no sandbox to be had; the rest keeps Chromium from calling home.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,1600",
    f"--host-resolver-rules=MAP {OTHER_SITE} 127.0.0.1",
)


def fetch(url):
    """Status and body, bypassing any proxy."""
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
            profile = self._exit.enter_context(
                tempfile.TemporaryDirectory(prefix="prompted-browser-", ignore_cleanup_errors=True)
            )
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
        found = self.wait(
            lambda: [element for element in self.all(selector, root) if element.is_displayed()], f"no {selector}"
        )
        return found[0]

    def open(self, url):
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(url)

    def requests(self):
        """The URLs that the page has requested since open(), from the browser's network log."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def console_errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def picture(self, element, name, until=None):
        """The element down to its end or to that of `until` in it, also what lies beyond the window."""
        area = self.driver.execute_script(
            "const r = arguments[0].getBoundingClientRect(), end = arguments[1].getBoundingClientRect().bottom;"
            "return {x: r.x + scrollX, y: r.y + scrollY, width: r.width,"
            " height: Math.min(end - r.top, 6000), scale: 1}",
            element,
            until or element,
        )
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": area}
        )
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def main(*cases):
    """Runs them with `stack` and `browser` set. They start and end here: unittest's own clean-up is skipped on
    Ctrl-C."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__.splitlines()[0])
    parser.add_argument("--programs", default=ROOT / "bin", help="where apigw, mqwriter and mqreader are (bin)")
    arguments, rest = parser.parse_known_args()
    with Stack(arguments.programs) as stack, Browser() as browser:
        for case in cases:
            case.stack, case.browser = stack, browser
        passed = unittest.main(argv=[sys.argv[0], *rest], verbosity=2, exit=False).result.wasSuccessful()
    return 0 if passed and not stack.bad_ends else 1
