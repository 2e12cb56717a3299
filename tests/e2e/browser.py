"""A real browser without a window: Chromium by its chromedriver, spoken to as W3C WebDriver says."""
import base64
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request

CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1400,1800",
            "--disable-background-networking", "--no-first-run"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element, fixed by WebDriver


def missing():
    """What this machine lacks for it, or None."""
    lacks = [p for p in ("chromium", "chromedriver") if not shutil.which(p)]
    return f"no {' and no '.join(lacks)} here (packages chromium and chromium-driver)" if lacks else None


class Refused(Exception):
    pass


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.driver.stdout:
            port = re.search(r"started successfully on port (\d+)", line)
            if port:
                break
        else:
            raise RuntimeError("chromedriver ended before it listened")
        self.base = f"http://127.0.0.1:{port[1]}/session"
        wanted = {"browserName": "chrome", "acceptInsecureCerts": True, "goog:chromeOptions": {"args": CHROMIUM},
                  "goog:loggingPrefs": {"browser": "ALL"}}
        self.base += "/" + self.ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error)["value"]["message"]) from None

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *args):
        """What the function body SCRIPT returns; it sees ARGS as arguments[0] and on."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(args)})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def rows(self, table):
        """The rows of a table below its heads, each a list of what its cells show."""
        return self.run("return [...document.getElementById(arguments[0]).rows].map(r => [...r.cells].map(c => c.innerText))", table)[1:]

    def wait(self, what, condition, seconds=60):
        end = time.monotonic() + seconds
        while True:
            got = condition()
            if got:
                return got
            if time.monotonic() > end:
                raise AssertionError(f"the page did not come to: {what}")
            time.sleep(0.1)

    def complaints(self):
        """What the browser's console was told since the last time."""
        return [e["message"] for e in self.ask("POST", "/se/log", {"type": "browser"})]

    def picture(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self.ask("GET", "/screenshot")))

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
