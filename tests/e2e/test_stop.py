#!/usr/bin/env python3
"""SIGTERM while everything is going on: requests, event streams, transactions with slow routers, half a request. karstd
ends at once with status 0, and what it acknowledged is there at the next start. In a build with sanitizers its log is
looked through for their reports, leaks too.
"""
import os
import random
import socket
import ssl
import sys
import threading
import time

import chain
from chain import check, equal

SEED = int(os.environ.get("KARST_TEST_FIRST_SEED", "1"))
ROUNDS = int(os.environ.get("KARST_STOP_ROUNDS", "6"))


class Client(threading.Thread):
    """Puts and deletes; known is what the answers promised, unsure what was not answered."""

    def __init__(self, net, rnd, prefix, known, unsure):
        super().__init__(daemon=True)
        self.net, self.rnd, self.prefix, self.known, self.unsure = net, rnd, prefix, known, unsure
        self.stopped = False

    def run(self):
        n = 0
        while not self.stopped:
            mine = [k for k in self.known if k.startswith(self.prefix)]
            delete = mine and (len(mine) > 8 or self.rnd.random() < 0.3)
            n += 1
            name = self.rnd.choice(mine) if delete else f"{self.prefix}-{n}"
            a, b = self.rnd.sample(self.net.nodes, 2)
            self.unsure.add(name)
            self.known.discard(name)
            try:
                if delete:
                    status = self.net.delete(name)[0]
                    done = status == 204
                else:
                    status = self.net.put(name, **{"from": a, "to": b, "objective": self.rnd.choice(["delay", "bandwidth"]),
                                                   "bandwidth-bps": "1000000"})[0]
                    done = status in (201, 204)
                    if done:
                        self.known.add(name)
                if done or status == 409:
                    self.unsure.discard(name)
            except (OSError, ValueError, chain.http.client.HTTPException):
                time.sleep(0.01)


def half_a_request(net):
    context = ssl.create_default_context(cafile=os.path.join(net.state, "api-cert.pem"))
    s = context.wrap_socket(socket.create_connection(("127.0.0.1", net.api_port), timeout=10), server_hostname="127.0.0.1")
    s.sendall(b"PUT /restconf/data/karst-intent:intents/intent=half HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
    return s


def event_stream(net):
    c = net.connection()
    c.request("GET", "/restconf/streams/karst", headers={"Authorization": f"Bearer {net.token()}"})
    equal(c.getresponse().status, 200, "the event stream")
    return c


def one_round(net, rnd, number, known, unsure):
    clients = [Client(net, random.Random(rnd.random()), f"r{number}c{i}", known, unsure) for i in range(2)]
    held = [event_stream(net), half_a_request(net)]
    for router in net.nodes:
        net.order(f"fault {router} " + rnd.choice(["none", "late 30", "late 400", "close-after-commit", "nonsense"]))
    for c in clients:
        c.start()
    time.sleep(rnd.uniform(0.05, 0.6))
    link = rnd.choice(["r1--r3", "r2--r4", "r3--r5"])
    net.say(f"cut {link}")
    time.sleep(rnd.uniform(0, 0.2))
    at = time.monotonic()
    net.karstd.process.terminate()
    equal(net.karstd.process.wait(15), 0, "status of karstd after SIGTERM")
    took = time.monotonic() - at
    check(took < 10, f"karstd took {took:.1f} s to end")
    for c in clients:
        c.stopped = True
    for c in clients:
        c.join(30)
    for c in held:
        c.close()
    net.karstd.stop()
    for router in net.nodes:
        net.order(f"fault {router} none")
    net.start_karstd()
    net.say(f"restore {link}")
    there = set(net.wait("the API", lambda: {"all": net.intents()}, 30)["all"])
    check(known <= there, f"lost: {sorted(known - there)}")
    check(there <= known | unsure, f"came back: {sorted(there - known - unsure)}")
    known |= there & unsure
    unsure.clear()
    return took


def sigterm_while_busy(net):
    rnd = random.Random(SEED)
    known, unsure = set(), set()
    took = [one_round(net, rnd, n, known, unsure) for n in range(ROUNDS)]
    print(f"   {ROUNDS} times ended in at most {max(took):.2f} s, {len(known)} intents left")
    net.wait("all active", lambda: all(p["state"] == "active" for p in net.policies().values()), 60)
    equal({p["intent"] for p in net.policies().values()}, known, "policies")
    equal(sum(len(p) for p in net.ours().values()), len(known), "policies on the routers")


def no_sanitizer_report(net):
    with open(net.path("karstd.log"), encoding="utf-8", errors="replace") as f:
        bad = [l for l in f if "Sanitizer" in l or "runtime error" in l]
    equal(bad, [], "reports of sanitizers")


if __name__ == "__main__":
    sys.exit(chain.run("stop", [sigterm_while_busy, no_sanitizer_report],
                       extra_config={"southbound": {"rpc-timeout-s": 3, "confirm-timeout-s": 10}}))
