#!/usr/bin/env python3
"""The API of a running karstd: what it refuses and how it says so, conditions, dry runs, tokens, and the event stream."""
import http.client
import json
import os
import sys
import threading
import time

import chain
from chain import check, equal, error_of

INTENTS = "/restconf/data/karst-intent:intents"


def memory_kb(net):
    with open(f"/proc/{net.karstd.process.pid}/status", encoding="ascii") as f:
        return int(next(l.split()[1] for l in f if l.startswith("VmHWM:")))


def shadow_factor(net):
    """How many octets a sanitizer holds for one of karstd's, about; 1 without one."""
    with open(f"/proc/{net.karstd.process.pid}/maps", encoding="utf-8") as f:
        maps = f.read()
    return 5 if "libtsan" in maps or "libasan" in maps else 1


def big_body(net, length_header):
    """Sends 100 MB as far as karstd takes it; the status of its answer."""
    c = net.connection()
    c.putrequest("PUT", f"{INTENTS}/intent=big")
    c.putheader("Authorization", f"Bearer {net.token()}")
    c.putheader("Content-Type", "application/yang-data+json")
    c.putheader(*length_header)
    c.endheaders()
    piece = b'{"karst-intent:intent":[{"id":"big","description":"' + b"x" * ((1 << 20) - 50)
    chunked = length_header[0] == "Transfer-Encoding"
    try:
        for _ in range(100):
            c.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
    except OSError:
        pass  # it does not want the rest
    try:
        return c.getresponse().status
    except (OSError, http.client.HTTPException):
        return None  # the answer may be lost behind the reset
    finally:
        c.close()


def body_of_100_mb_is_refused_unread(net):
    before = memory_kb(net)
    c = net.connection()
    c.putrequest("PUT", f"{INTENTS}/intent=big")
    c.putheader("Authorization", f"Bearer {net.token()}")
    c.putheader("Content-Type", "application/yang-data+json")
    c.putheader("Content-Length", str(100 << 20))
    c.endheaders()
    equal(c.getresponse().status, 413, "a body of 100 MB that is only announced")
    c.close()
    for header in (("Content-Length", str(100 << 20)), ("Transfer-Encoding", "chunked")):
        check(big_body(net, header) in (413, None), f"100 MB with {header[0]} was answered otherwise")
    check(memory_kb(net) - before < (40 << 10) * shadow_factor(net), f"karstd grew from {before} kB to {memory_kb(net)} kB")
    equal(net.intents(), {}, "intents")


def bad_intents_name_the_data_path(net):
    status, _, body = net.put("a", **{"from": "r1", "to": "nowhere", "objective": "delay"})
    equal(status, 400, "an unknown node")
    check(error_of(body)["error-path"].startswith("/karst-intent:intents/intent"), body)
    check(error_of(body)["error-path"].endswith("/to"), body)
    check("nowhere" in error_of(body)["error-message"], body)
    status, _, body = net.put("a", **{"from": "r1", "to": "r5", "bandwidth-bps": "-1"})
    equal(status, 400, "a negative bandwidth")
    check(error_of(body)["error-path"].endswith("/bandwidth-bps"), body)
    status, _, body = net.put("a", **{"from": "r1", "to": "r5", "constraints": {"avoid": {"link": ["no--link"]}}})
    equal(status, 400, "an unknown link")
    check("no--link" in error_of(body)["error-message"], body)
    status, _, body = net.request("PUT", f"{INTENTS}/intent=a", "{\"karst-intent:intent\": [")
    equal(status, 400, "half a body")
    error_of(body)
    equal(net.intents(), {}, "intents")


def no_path_stores_nothing(net):
    status, _, body = net.put("a", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "999000000000"})
    equal(status, 409, "too much bandwidth")
    check("bandwidth" in error_of(body)["error-message"] or "bit/s" in error_of(body)["error-message"], body)
    equal((net.intents(), net.policies()), ({}, {}), "what is there after a refusal")
    status, _, _ = net.put("a", **{"from": "r1", "to": "r5", "objective": "delay", "constraints": {"max-delay-us": "10"}})
    equal(status, 409, "a delay that cannot be")
    equal((net.intents(), net.policies()), ({}, {}), "what is there after a refusal")


def tokens(net):
    for token in ("wrong", net.token()[:-1], net.token() + "x"):
        status, headers, body = net.request("GET", INTENTS, token=token)
        equal(status, 401, f"token {token[:5]}…")
        check("www-authenticate" in headers, headers)
        error_of(body)
    mode = os.stat(os.path.join(net.state, "first-token")).st_mode & 0o777
    equal(mode, 0o600, "mode of the first token")
    equal(net.request("GET", "/healthz", token="wrong")[0], 200, "/healthz without a token")


def dry_run_changes_nothing(net):
    demand = {"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"}
    held = net.ours()
    status, _, body = net.put("a", "?dry-run", **demand)
    equal(status, 200, "a dry run")
    check("r1--r3" in json.dumps(body), f"a dry run should show the path: {body}")
    equal(net.put("a", "?dry-run", **{**demand, "bandwidth-bps": "999000000000"})[0], 409, "a dry run without a path")
    equal((net.intents(), net.policies(), net.ours()), ({}, {}, held), "what is there after dry runs")
    net.put_good("a", **demand)
    net.wait_state("a", "active")
    before, held = net.intents(), net.ours()
    equal(net.put("a", "?dry-run", **{**demand, "objective": "bandwidth"})[0], 200, "a dry run of a change")
    equal(net.request("DELETE", f"{INTENTS}/intent=a?dry-run")[0] // 100, 2, "a dry run of a deletion")
    time.sleep(0.5)
    equal((net.intents(), net.ours()), (before, held), "what is there after dry runs")


def if_match(net):
    demand = {"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"}
    _, headers, _ = net.request("GET", f"{INTENTS}/intent=a")
    tag = headers["etag"]
    equal(net.request("GET", f"{INTENTS}/intent=a", headers={"If-None-Match": tag})[0], 304, "GET of what is known")
    status, headers, _ = net.put("a", headers={"If-Match": tag}, **{**demand, "bandwidth-bps": "20000000"})
    equal(status, 204, "PUT with the current tag")
    equal(net.put("a", headers={"If-Match": tag}, **demand)[0], 412, "PUT with the old tag")
    equal(net.put("a", headers={"If-None-Match": "*"}, **demand)[0], 412, "PUT only if new")
    equal(net.put("b", headers={"If-Match": "*"}, **demand)[0], 412, "PUT only if there")
    equal(net.request("DELETE", f"{INTENTS}/intent=a", headers={"If-Match": tag})[0], 412, "DELETE with the old tag")
    equal(net.intents()["a"]["bandwidth-bps"], "20000000", "bandwidth")
    net.wait_state("a", "active")


class Stream(threading.Thread):
    """Reads the event stream; events are the data of each, parsed."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.events = []
        self.connection = net.connection(timeout=30)
        self.connection.request("GET", "/restconf/streams/karst",
                                headers={"Authorization": f"Bearer {net.token()}", "Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        equal(self.answer.status, 200, "the event stream")
        self.start()

    def run(self):
        try:
            for line in self.answer:
                if line.startswith(b"data:"):
                    self.events.append(json.loads(line[5:]))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass


def event_stream_tells_a_move(net):
    policy = net.policy_of("a")["id"]
    check("r1--r3" in net.links_of(policy), f"a should take r1--r3: {net.links_of(policy)}")
    stream = Stream(net)
    net.say("cut r1--r3")
    net.wait("a off the cut link", lambda: net.policies()[policy]["state"] == "active" and
             "r1--r3" not in net.links_of(policy), 15)

    def moved():
        return [e for e in list(stream.events) if policy in json.dumps(e) and "confirmed" in json.dumps(e)]
    events = net.wait("an event of the confirmed move", moved, 5)
    text = json.dumps(events[-1])
    check("r1--r3" in text and "r1--r2" in text, f"the links before and after: {text}")
    check("withdrawn" in text, f"the cause: {text}")
    stage = events[-1]["ietf-restconf:notification"]["karst-events:policy-change"]["stage"]
    times = [int(stage[s]) for s in ("computed-us", "stored-us", "prepared-us", "confirmed-us")]
    check(times == sorted(times) and times[0] >= 0 and times[3] > 0, f"times of the stages: {text}")
    net.say("restore r1--r3")
    equal(net.delete("a")[0], 204, "DELETE")
    net.wait("the policy is off the router", lambda: not any(net.ours().values()) and not net.policies(), 15)


if __name__ == "__main__":
    sys.exit(chain.run("rest", [body_of_100_mb_is_refused_unread, bad_intents_name_the_data_path, no_path_stores_nothing,
                                tokens, dry_run_changes_nothing, if_match, event_stream_tells_a_move]))
