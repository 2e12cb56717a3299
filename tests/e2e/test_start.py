#!/usr/bin/env python3
"""karstd with files that cannot be: it ends with a status and one sentence that names the file, the place, the reason."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import chain
from chain import check, equal

FAULT, USAGE = 1, 2

TOPOLOGY = """karst-topology:topology:
  node:
    - name: a
      igp: {protocol: isis-l2, asn: 65010, router-id: "0000.0000.0001"}
    - name: b
      igp: {protocol: isis-l2, asn: 65010, router-id: "0000.0000.0002"}
  link:
    - name: a--b
      from: a
      to: b
      igp-metric: 10
      capacity-bps: 1000000000
"""


class Place:
    """A folder with a configuration, and karstd on it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="karst-start-")
        self.port = chain.emulation.free_port()
        self.env = {**os.environ, "KARST_YANG_PATH": os.path.join(chain.SOURCE, "models", "yang")}

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def config(self, **more):
        config = {"state-folder": self.path("state"), "topology-file": [self.path("topology.yaml")],
                  "api": {"address": "127.0.0.1", "port": self.port}}
        config.update(more)
        self.write("karstd.yaml", json.dumps({"karst-config:karstd": config}))

    def run(self, *options):
        """Runs karstd that should end by itself: (status, standard error)."""
        args = [os.path.join(chain.BUILD, "karstd"), "--config", self.path("karstd.yaml"), *options]
        try:
            done = subprocess.run(args, env=self.env, capture_output=True, text=True, timeout=90)
        except subprocess.TimeoutExpired:
            raise chain.emulation.Fault("karstd did not end by itself")
        return done.returncode, done.stderr

    def start(self):
        """karstd that should run."""
        if os.path.exists(self.path("log")):
            os.remove(self.path("log"))
        return chain.emulation.Program([os.path.join(chain.BUILD, "karstd"), "--config", self.path("karstd.yaml")],
                                       self.path("log"), self.env, stdin=False)

    def refuses(self, what, status, *words, options=()):
        """One sentence of error that has all the words."""
        got, text = self.run(*options)
        errors = [l for l in text.splitlines() if re.search(r"\berror\b", l)]
        check(got == status and len(errors) == 1, f"{what}: status {got}: {text!r}")
        for word in words:
            check(word in errors[0], f"{what}: {word!r} is not in {errors[0]!r}")
        print(f"ok {what}: {errors[0].split(': ', 1)[-1].replace(self.folder, '')}", flush=True)


def bad_topologies(place):
    place.config()
    bad = [("a dangling link", TOPOLOGY.replace("to: b", "to: nowhere"), "nowhere", 10),
           ("a duplicate node", TOPOLOGY.replace("name: b\n", "name: a\n", 1), "a", 5),
           ("a duplicate link", TOPOLOGY + "    - {name: a--b, from: a, to: b}\n", "a--b", 13),
           ("a negative metric", TOPOLOGY.replace("igp-metric: 10", "igp-metric: -10"), "igp-metric", 11),
           ("an absurd capacity", TOPOLOGY.replace("1000000000", "1" + 30 * "0"), "capacity-bps", 12),
           ("a capacity that is no number", TOPOLOGY.replace("1000000000", "fast"), "capacity-bps", 12),
           ("an unknown attribute", TOPOLOGY.replace("igp-metric", "igp-metrics"), "igp-metrics", 11),
           ("broken YAML", TOPOLOGY.replace("name: a--b", "name: [a--b"), "topology.yaml", None)]
    for what, text, word, line in bad:
        place.write("topology.yaml", text)
        where = f"topology.yaml:{line}" if line else "topology.yaml"
        for options in ((), ("--check",)):
            place.refuses(what, USAGE, word, where, options=options)
    os.remove(place.path("topology.yaml"))
    place.refuses("no topology file", FAULT, "topology.yaml", "No such file")
    place.write("topology.yaml", TOPOLOGY)


def bad_configurations(place):
    place.config(colour=1)
    place.refuses("an unknown key", USAGE, "karstd.yaml:1", "colour")
    place.config(api={"address": "127.0.0.1", "port": 99999})
    place.refuses("a port that cannot be", USAGE, "karstd.yaml:1", "port", "99999")
    place.config(api={"address": "not-an-address", "port": 1})
    place.refuses("an address that is none", USAGE, "karstd.yaml:1", "not-an-address")
    place.config(api={"address": "127.0.0.1", "port": place.port, "certificate-file": place.path("no.pem"),
                      "key-file": place.path("no.key")})
    place.refuses("a certificate that is not there", USAGE, "no.pem", "No such file")
    place.write("karstd.yaml", "karst-config:karstd: [\n")
    place.refuses("broken YAML", USAGE, "karstd.yaml:2")
    os.remove(place.path("karstd.yaml"))
    place.refuses("no configuration", USAGE, "karstd.yaml", "No such file")


def bad_surroundings(place):
    place.config()
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        place.refuses("a port in use", FAULT, "127.0.0.1", str(place.port), "in use")
    running = place.start()
    try:
        wait_ready(place)
        place.config(api={"address": "127.0.0.1", "port": chain.emulation.free_port()})
        place.refuses("a second karstd on the same state", FAULT, "karst.db", "in use by another process")
        check(running.running(), "the first karstd should go on")
    finally:
        equal(running.stop(), 0, "status of the first karstd")
    place.config()
    with open(place.path("state/karst.db"), "r+b") as f:
        f.write(b"this is not a database at all")
    place.refuses("a damaged store", USAGE, "karst.db")
    shutil.rmtree(place.path("state"))
    place.write("state", "a file")
    place.refuses("a state folder that is a file", FAULT, "state")
    os.remove(place.path("state"))


def unreadable_key_of_a_router(place):
    """Not a reason to leave the other routers alone: told where the routers are shown."""
    place.config(device=[{"name": "a", "address": "127.0.0.1", "username": "karst", "private-key-file":
                          place.path("no-such-key"), "host-key-sha256": "SHA256:" + 43 * "A"}])
    running = place.start()
    try:
        wait_ready(place)
        args = [os.path.join(chain.BUILD, "karst"), "status", "-o", "json", "--server", f"https://127.0.0.1:{place.port}",
                "--token-file", place.path("state/first-token"), "--ca", place.path("state/api-cert.pem")]
        end = time.monotonic() + 10
        text = ""
        while "no-such-key" not in text and time.monotonic() < end:
            done = subprocess.run(args, env=place.env, capture_output=True, text=True, timeout=90)
            equal(done.returncode, 0, f"karst status: {done.stderr}")
            text = json.loads(done.stdout)["karst-operations:operations"]["device"][0].get("text", "")
            time.sleep(0.1)
        check("no-such-key" in text, f"the router's text should name the key: {text!r}")
        print(f"ok a router's key that is not there: {text.replace(place.folder, '')}")
    finally:
        equal(running.stop(), 0, "status of karstd")


def wait_ready(place):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        with open(place.path("log"), encoding="utf-8") as f:
            if "ready" in f.read():
                return
        time.sleep(0.05)
    raise chain.emulation.Fault("karstd was not ready in 15 s")


def main():
    place = Place()
    try:
        bad_topologies(place)
        bad_configurations(place)
        bad_surroundings(place)
        unreadable_key_of_a_router(place)
        shutil.rmtree(place.folder)
        return 0
    except (chain.emulation.Fault, OSError) as fault:
        print(f"FAILED: {fault}; files in {place.folder}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
