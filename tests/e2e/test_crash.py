#!/usr/bin/env python3
"""The crash matrix: kill -9 before the n-th effect of a scripted hour, for real, for every n.

karst-crashd is karstd with a hook of the linker's (crashing.c). Each time it dies somewhere in the script, starts again,
and has to have everything that was answered; routers come to hold what the store says, and nothing else; others' policies
stay as they were. KARST_CRASH_POINTS of the places are tried (9; 0: all of them, as ./dev crash does).
"""
import http.client
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import emulation
import test_kill9 as kill9

POINTS = int(os.environ.get("KARST_CRASH_POINTS", "9"))


class Network(emulation.Emulation):
    def start_karstd(self, at=None):
        env = dict(self.env, KARST_CRASH_COUNT=self.path("count"))
        if at:
            env["KARST_CRASH_AT"] = str(at)
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.karstd = emulation.Program([self.program("karst-crashd"), "--config", self.config],
                                        self.path("karstd.log"), env, stdin=False)

    def count(self):
        with open(self.path("count"), encoding="ascii") as f:
            return int(f.read())


class Dead(Exception):
    """karstd died, as it was told to."""


class Script:
    """What people ask for and what the network does, and what was acknowledged of it."""

    def __init__(self, net):
        self.net = net
        self.known, self.unsure = {}, {}
        self.client = kill9.Client(net, None, net.nodes, self.known, self.unsure, [0])

    def request(self, method, name, intent=None):
        body = json.dumps({"karst-intent:intent": [intent]}) if intent else None
        self.unsure[name] = intent or self.known.get(name)
        old = self.known.pop(name, None)
        try:
            status, answer = self.client.request(method, name, body)
        except (OSError, http.client.HTTPException):
            raise Dead() from None
        del self.unsure[name]
        if status in (200, 201, 204):
            if intent:
                self.known[name] = intent
        elif old and status != 404:
            self.known[name] = old
        if status >= 500:
            raise emulation.Fault(f"{method} {name}: {status} {answer}")

    def wait(self, what, ready):
        try:
            self.net.wait(what, ready, 60)
        except emulation.Fault:
            if not self.net.karstd.running():
                raise Dead() from None
            raise

    def say(self, line):
        self.net.speaker.tell(line)
        self.net.speaker.expect(lambda l: line in l, 30)

    def play(self):
        a, b, c = self.net.nodes[:3]
        link = self.net.network["link"][0]["name"]
        self.wait("the API", lambda: kill9.intents(self.net) is not None)
        self.request("PUT", "one", {"id": "one", "from": a, "to": b, "bandwidth-bps": "5000000"})
        self.request("PUT", "two", {"id": "two", "from": b, "to": c, "bandwidth-bps": "3000000", "bidirectional": True})
        self.wait("policies on the routers", lambda: kill9.settled(self.net))
        self.request("PUT", "one", {"id": "one", "from": a, "to": b, "bandwidth-bps": "7000000"})
        self.say(f"cut {link}")
        self.wait("policies around the cut", lambda: kill9.settled(self.net))
        self.request("DELETE", "two")
        self.say(f"restore {link}")
        self.request("PUT", "three", {"id": "three", "from": c, "to": a, "bandwidth-bps": "2000000"})
        self.request("DELETE", "one")
        self.wait("rest", lambda: kill9.settled(self.net))

    def judge(self, point, others):
        """After the death: starts it again and compares."""
        net = self.net
        net.start_karstd()
        kill9.check(net, self.known, self.unsure, point)
        net.wait("routers and store are equal", lambda: kill9.settled(net), 180, poll=0.3)
        if kill9.foreign(net) != others:
            raise emulation.Fault(f"point {point}: a policy that is not Karst's was changed")

    def clean(self):
        self.say(f"restore {self.net.network['link'][0]['name']}")
        for name in list(self.known):
            self.request("DELETE", name)
        self.net.wait("nothing is left behind", lambda: not any(kill9.held_policies(self.net).values()), 120)
        self.net.wait("the store is empty", lambda: not kill9.intents(self.net), 60)


def one(net, point, others):
    """False: the script came to its end before that many effects."""
    script = Script(net)
    net.start_karstd(point)
    try:
        script.play()
        died = not net.karstd.running()
        if not died:
            script.clean()  # it may die here
    except Dead:
        died = True
    if died:
        net.karstd.kill()
        script.judge(point, others)
        script.clean()
    net.karstd.kill()
    return died


def main(kind=Network):
    folder = tempfile.mkdtemp(prefix="karst-crash-")
    net = kind(os.path.join(kill9.SOURCE, "examples", "triangle", "topology.yaml"), folder, kill9.BUILD,
               kill9.SOURCE)
    try:
        net.start_routers()
        others = kill9.foreign(net)
        net.start_speaker()
        net.write_config()
        script = Script(net)
        net.start_karstd()
        script.play()
        total = net.count()
        script.clean()
        net.karstd.kill()
        step = max(1, total // POINTS) if POINTS else 1
        points = list(range(1, total + 1, step))
        died = sum(one(net, n, others) for n in points)
        if died < len(points) * 2 // 3:
            raise emulation.Fault(f"only {died} of {len(points)} points were reached")
        if net.stop() is None:
            raise emulation.Fault("karstd was not there at the end")
        print(f"{died} deaths at {len(points)} of {total} effects: nothing acknowledged was lost")
        return 0
    except emulation.Fault as fault:
        print(f"{fault}; files in {folder}")
        return 1
    finally:
        if net.karstd or net.routers:
            net.stop()


if __name__ == "__main__":
    sys.exit(main())
