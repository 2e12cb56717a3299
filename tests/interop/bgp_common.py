"""What the BGP tests with other people's programs share: skipping, ports, and Karst's probe."""
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

BUILD = os.environ.get("KARST_BUILDDIR", "build")
PROBE = os.path.join(BUILD, "tests", "interop", "bgp_probe")
KARST = os.path.join(BUILD, "karst")
PATIENCE_S = 60


def skip(need, why):
    if need in os.environ.get("KARST_REQUIRE", "").split(","):
        print(f"FAILED: {why}, and KARST_REQUIRE lists {need}")
        sys.exit(1)
    print(f"SKIP: {why}")
    sys.exit(77)


def find_gobgp():
    """gobgpd and gobgp of version 4."""
    for folder in (os.environ.get("GOBGP_DIR"), os.path.join(BUILD, "tools"), os.path.expanduser("~/go/bin"),
                   os.path.dirname(shutil.which("gobgpd") or "")):
        if not folder or not all(os.access(os.path.join(folder, p), os.X_OK) for p in ("gobgpd", "gobgp")):
            continue
        out = subprocess.run([os.path.join(folder, "gobgpd"), "--version"], capture_output=True, text=True).stdout
        if " 4." in out:
            return folder
    skip("go", "gobgpd v4 is lacking (Go 1.24 or newer builds it: go install "
               "github.com/osrg/gobgp/v4/cmd/gobgpd@v4.8.0 github.com/osrg/gobgp/v4/cmd/gobgp@v4.8.0)")


def free_port(address="127.0.0.1"):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def wait_port(port, address="127.0.0.1"):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"FAILED: nothing listens on {address} port {port}")


class Probe:
    """bgp_probe running; its lines arrive in order."""

    def __init__(self, *args):
        self.process = subprocess.Popen([PROBE, *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def until(self, what, wanted):
        """All lines up to the one for which wanted(line) holds; seen collects them."""
        got, end = [], time.monotonic() + PATIENCE_S
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                sys.exit(f"FAILED: {what} did not come within {PATIENCE_S} s; last: {self.seen[-5:]}")
            got.append(line)
            self.seen.append(line)
            if wanted(line):
                return got

    def event(self, name):
        return self.until(f"event {name}", lambda line: line.get("event") == name)

    def line(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def check(ok, what):
    if not ok:
        sys.exit(f"FAILED: {what}")


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
