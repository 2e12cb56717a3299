#!/usr/bin/env python3
"""kill -9 at random moments: no acknowledged intent is lost, and in the end the routers hold what the store says.

A client outside keeps the list of what was answered. Real SQLite, real emulated routers, a real BGP-LS feed.
"""
import http.client
import json
import os
import random
import ssl
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import emulation

SOURCE = os.environ.get("KARST_SRCDIR", os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("KARST_BUILDDIR", os.path.join(SOURCE, "build"))
ROUNDS = int(os.environ.get("KARST_KILL_ROUNDS", "100"))
SEED = int(os.environ.get("KARST_TEST_FIRST_SEED", "1"))


class Client(threading.Thread):
    """Puts and deletes intents until told to stop; remembers what the answers promised."""

    def __init__(self, net, rnd, nodes, known, unsure, counter):
        super().__init__(daemon=True)
        self.net, self.rnd, self.nodes = net, rnd, nodes
        self.known, self.unsure, self.counter = known, unsure, counter
        self.stopped = threading.Event()
        self.acknowledged = 0
        self.refused = {}

    def request(self, method, name, body=None):
        with open(os.path.join(self.net.state, "first-token"), encoding="ascii") as f:
            token = f.read().strip()
        context = ssl.create_default_context(cafile=os.path.join(self.net.state, "api-cert.pem"))
        c = http.client.HTTPSConnection("127.0.0.1", self.net.api_port, timeout=120, context=context)
        try:
            c.request(method, f"/restconf/data/karst-intent:intents/intent={name}", body,
                      {"Authorization": f"Bearer {token}", "Content-Type": "application/yang-data+json"})
            answer = c.getresponse()
            return answer.status, answer.read()
        finally:
            c.close()

    def run(self):
        while not self.stopped.is_set():
            try:
                self.one()
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)

    def one(self):
        if self.known and self.rnd.random() < 0.35:
            name = self.rnd.choice(sorted(self.known))
            old = self.known.pop(name)
            self.unsure[name] = old  # until the answer comes it may or may not be there
            status, _ = self.request("DELETE", name)
            if status in (200, 204, 404):
                del self.unsure[name]
                self.acknowledged += 1
            else:
                self.refused[status] = self.refused.get(status, 0) + 1
            return
        self.counter[0] += 1
        name = f"i{self.counter[0]}"
        a, b = self.rnd.sample(self.nodes, 2)
        intent = {"id": name, "from": a, "to": b, "objective": self.rnd.choice(["delay", "bandwidth", "igp"]),
                  "bandwidth-bps": str(self.rnd.randint(1, 9) * 1_000_000)}
        self.unsure[name] = intent
        status, body = self.request("PUT", name, json.dumps({"karst-intent:intent": [intent]}))
        if status in (200, 201, 204):
            self.known[name] = self.unsure.pop(name)
            self.acknowledged += 1
        else:
            self.refused[status] = self.refused.get(status, 0) + 1
            if status == 409:
                self.unsure.pop(name)


def intents(net):
    answer = net.karst("intent", "list", "-o", "json")
    return {i["id"]: i for i in answer.get("karst-intent:intents", {}).get("intent", [])}


def check(net, known, unsure, round_number):
    there = net.wait("the API after a restart", lambda: {"all": intents(net)}, 60)["all"]
    lost = [n for n in known if n not in there]
    back = [n for n in there if n not in known and n not in unsure]
    if lost or back:
        raise emulation.Fault(f"round {round_number}: lost {lost}, came back {back}")
    for name, intent in known.items():
        for key in ("from", "to", "bandwidth-bps"):
            if there[name].get(key) != intent[key]:
                raise emulation.Fault(f"round {round_number}: {name} has {key} {there[name].get(key)}, not {intent[key]}")
    for name in list(unsure):  # what was not answered is what the daemon says from now on
        intent = unsure.pop(name)
        if name in there:
            known[name] = intent


def shown_policies(net):
    """What the daemon says that the routers hold: router -> {(color, endpoint): list of SID lists}."""
    answer = net.karst("policy", "list", "-o", "json")
    out = {n: {} for n in net.nodes}
    for p in answer.get("karst-policy:policies", {}).get("policy", []):
        paths = [[[s["sid"] for s in l["segment"]] for l in c["segment-list"]] for c in p["candidate-path"]]
        out[p["headend"]][(str(p["color"]), p["endpoint"])] = paths
    return out


NS = "{urn:karst:yang:karst-device}"


def running(net, name):
    """The policies that a router itself says it holds, asked past NETCONF: (is it Karst's, element)."""
    net.routers.drain()
    net.routers.tell(f"show {name} running")
    _, line = net.routers.expect(lambda l: l.startswith((f"ok show {name} ", "error")), 10)
    root = ET.fromstring("<all>" + line[line.index("<"):] + "</all>")
    return [((p.findtext(NS + "name") or "").startswith("karst-"), p) for p in root.iter(NS + "policy")]


def foreign(net):
    """Everything on the routers that is not Karst's, as bytes."""
    return {n: [ET.tostring(p) for ours, p in running(net, n) if not ours] for n in net.nodes}


def held_policies(net):
    out = {}
    ns = NS
    for n in net.nodes:
        out[n] = {}
        for ours, p in running(net, n):
            if not ours:
                continue
            key = (p.findtext(ns + "color"), p.findtext(ns + "endpoint"))
            paths = sorted(p.iter(ns + "candidate-path"), key=lambda c: -int(c.findtext(ns + "preference")))
            out[n][key] = [[[s.findtext(ns + "sid") for s in sorted(l.iter(ns + "segment"),
                                                                    key=lambda s: int(s.findtext(ns + "index")))]
                            for l in c.iter(ns + "segment-list")] for c in paths]
    return out


def settled(net):
    policies = net.karst("policy", "list", "-o", "json").get("karst-policy:policies", {}).get("policy", [])
    return all(p["state"] == "active" for p in policies) and shown_policies(net) == held_policies(net)


def main():
    rnd = random.Random(SEED)
    topology = os.path.join(SOURCE, "examples", "triangle", "topology.yaml")
    folder = tempfile.mkdtemp(prefix="karst-kill-")
    net = emulation.Emulation(topology, folder, BUILD, SOURCE)
    known, unsure, counter, acknowledged, refused = {}, {}, [0], 0, {}
    try:
        net.start_routers()
        others = foreign(net)
        net.start_speaker()
        net.write_config()
        net.start_karstd()
        for n in range(1, ROUNDS + 1):
            client = Client(net, rnd, net.nodes, known, unsure, counter)
            client.start()
            time.sleep(rnd.uniform(0.02, 0.8))
            net.karstd.kill()
            client.stopped.set()
            client.join(30)
            acknowledged += client.acknowledged
            for k, v in client.refused.items():
                refused[k] = refused.get(k, 0) + v
            net.start_karstd()
            check(net, known, unsure, n)
        try:
            net.wait("routers and store are equal", lambda: settled(net), 120, poll=0.5)
        except emulation.Fault:
            shown, held = shown_policies(net), held_policies(net)
            for r in net.nodes:
                if shown[r] != held[r]:
                    print(f"{r}: store {shown[r]}\n{r}: holds {held[r]}")
            raise
        left = len(known)
        if foreign(net) != others or not all(others.values()):
            raise emulation.Fault("a policy that is not Karst's was changed")
        if net.stop() != 0:
            raise emulation.Fault(f"karstd ended with a fault (see {folder}/karstd.log)")
        print(f"{ROUNDS} kills, {acknowledged} acknowledged changes, {left} intents left, refusals {refused}: none lost")
        return 0
    except emulation.Fault as fault:
        print(f"seed {SEED}: {fault}; files in {folder}")
        return 1
    finally:
        if net.karstd or net.routers:
            net.stop()


if __name__ == "__main__":
    sys.exit(main())
