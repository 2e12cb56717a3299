#!/usr/bin/env python3
"""Abuse of the API: slow senders and readers, many connections, bodies that are huge or deep, ambiguous framing, malformed
targets, roles that are too small for every resource and method, tokens that are forged or have expired. Meanwhile a
probe asks over and over; in the end karstd answers, holds what it held, and its memory and descriptors are bounded.

KARST_ABUSE_CONNECTIONS (300) is the number of connections; ./dev abuse takes 10000.
"""
import hashlib
import json
import os
import resource
import signal
import socket
import ssl
import sys
import threading
import time

import chain
from chain import check, equal, error_of

CONNECTIONS = int(os.environ.get("KARST_ABUSE_CONNECTIONS", "300"))
HELD = 512  # what karstd keeps at once; the rest waits in the kernel
INTENTS = "/restconf/data/karst-intent:intents"
ROLES = ("viewer", "planner", "operator", "administrator")


class Prober(threading.Thread):
    """Asks /healthz over one connection for as long as it lasts, and opens a new one when it is closed."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.net, self.answers, self.longest, self.stopped = net, 0, 0.0, False

    def run(self):
        c = None
        while not self.stopped:
            at = time.monotonic()
            try:
                c = c or self.net.connection()
                c.request("GET", "/healthz")
                answer = c.getresponse()
                answer.read()
                self.answers += answer.status == 200
            except (OSError, chain.http.client.HTTPException):
                c = None
            self.longest = max(self.longest, time.monotonic() - at)
            time.sleep(0.02)


def shape(net):
    pid = net.karstd.process.pid
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        memory = next(int(l.split()[1]) for l in f if l.startswith("VmRSS"))
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


def tls(net, timeout=120):
    context = ssl.create_default_context(cafile=os.path.join(net.state, "api-cert.pem"))
    return context.wrap_socket(socket.create_connection(("127.0.0.1", net.api_port), timeout=timeout),
                               server_hostname="127.0.0.1")


def raw(net, data, most=1 << 16):
    """Sends octets and reads until the end; what came."""
    got = b""
    with tls(net) as s:
        try:
            s.sendall(data)
            while len(got) < most and (more := s.recv(65536)):
                got += more
        except OSError:
            pass
    return got


def head(net, method="GET", path="/healthz", more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {net.token()}\r\n{more}"


def prepare(net):
    """Tokens of every role, one that has expired, and none of what a forger would guess."""
    os.makedirs(net.state, mode=0o700)
    net.tokens = {role: f"karst_{role}-secret" for role in ROLES}
    with open(os.path.join(net.state, "tokens"), "w", encoding="ascii") as f:
        for name, secret, role, end in [(r, s, r, "-") for r, s in net.tokens.items()] + [
                ("late", "karst_late", "administrator", "1000")]:
            f.write(f"{name} {role} {hashlib.sha256(secret.encode()).hexdigest()} 900 {end}\n")
    with open(os.path.join(net.state, "first-token"), "w", encoding="ascii") as f:
        f.write(net.tokens["administrator"] + "\n")


def begin(net):
    net.put_good("kept", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_state("kept", "active")
    net.request("GET", "/openapi.json")
    net.request("GET", "/restconf/data")
    net.prober = Prober(net)
    net.prober.start()
    net.shape = shape(net)


def every_role_on_every_resource(net):
    """The document says which role an operation needs; a smaller one gets 403, a larger one anything else."""
    document = net.request("GET", "/openapi.json")[2]
    asked = 0
    for path, methods in document["paths"].items():
        path = path.replace("{key}", "nothing")
        for method, about in methods.items():
            needs = about["description"].removeprefix("Needs ").removeprefix("the role ").rstrip(".")
            body = "{}" if method in ("put", "post") else None
            if needs == "no token":
                equal(net.request(method.upper(), path, token="forged")[0], 200, f"{method} {path} of nobody")
                continue
            equal(net.request(method.upper(), path, body, token="forged")[0], 401, f"{method} {path} of nobody")
            for role in ROLES:
                denied = ROLES.index(role) < ROLES.index(needs)
                if not denied and path in ("/restconf/streams/karst", "/backup"):
                    continue  # endless, and large
                status = net.request(method.upper(), path, body, token=net.tokens[role])[0]
                check((status == 403) == denied, f"{method} {path} as {role} (needs {needs}): {status}")
                asked += 1
        for method in ("PATCH", "TRACE", "DELETE", "PUT", "POST"):
            if method.lower() not in methods:
                equal(net.request(method, path, "{}" if method != "TRACE" else None)[0], 405, f"{method} {path}")
    check(asked > 80, f"only {asked} were asked")


def tokens_that_are_none(net):
    good = net.tokens["administrator"]
    for token in ("karst_late", good[:-1], good + "x", good.upper(), "", " ", "a" * 5000, "../tokens", "\u00e9", good + " "):
        try:
            status, _, body = net.request("GET", INTENTS, headers={"Authorization": f"Bearer {token}".encode("latin-1")})
        except UnicodeEncodeError:
            continue
        if token.strip() == good:
            continue
        equal(status, 401, f"token {token[:20]!r}")
        error_of(body)
    said = error_of(net.request("GET", INTENTS, token="karst_late")[2])["error-message"]
    equal(said, "the token has expired", "what an expired token is told")
    for line in (f"Basic {good}", f"bearer\t{good}x", "Bearer", f"Bearer {good}, Bearer {good}"):
        check(net.request("GET", INTENTS, headers={"Authorization": line})[0] == 401, line)
    answer = raw(net, head(net, path=INTENTS, more="Authorization: Bearer forged\r\nConnection: close\r\n\r\n").encode())
    check(answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 200", b"HTTP/1.1 401")), answer[:60])


def framing_that_hides_a_request(net):
    """Two readers of one message must not find two boundaries: such a message is refused, and the connection closed."""
    hidden = "DELETE /restconf/data/karst-intent:intents/intent=kept HTTP/1.1\r\nHost: x\r\n" \
             f"Authorization: Bearer {net.token()}\r\n\r\n"
    for more in (f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n",
                 f"Transfer-Encoding: chunked\r\nContent-Length: {len(hidden)}\r\n\r\n0\r\n\r\n",
                 "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                 "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "Content-Length: +5\r\n\r\n", "Content-Length: -1\r\n\r\n",
                 "Content-Length: 0x10\r\n\r\n", "Content-Length: 5, 5\r\n\r\n", "Host: y\r\n\r\n",
                 "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
                 "Content-Length: 99999999999999999999\r\n\r\n"):
        answer = raw(net, (head(net, "POST", "/restconf/operations/karst-path:compute-path", more) + hidden).encode())
        check(answer.count(b"HTTP/1.1 ") <= 1, f"{more!r}: a second request was answered: {answer[:400]}")
        check(not answer or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413", b"HTTP/1.1 415")), f"{more!r}: {answer[:80]}")
    equal(net.request("GET", f"{INTENTS}/intent=kept")[0], 200, "what a hidden request would have deleted")


def pipelined_requests_are_answered_in_order(net):
    n = 50
    answer = raw(net, (head(net) + "\r\n").encode() * n + (head(net, path="/nowhere") + "Connection: close\r\n\r\n").encode())
    equal((answer.count(b"HTTP/1.1 200"), answer.count(b"HTTP/1.1 404")), (n, 1), "answers of a pipeline")
    check(answer.rfind(b"HTTP/1.1 200") < answer.find(b"HTTP/1.1 404"), "their order")


def malformed_targets(net):
    for path in ("/%", "/%4", "/%zz", "/restconf/data/%00", "/%ff%fe", "/restconf/data/karst-intent:intents/intent=%c0%af",
                 "/restconf/data/karst-intent:intents/intent=", "/restconf/data/karst-intent:intents/intent=a,b,c",
                 "/restconf/data/../data", "//healthz", "/restconf/data//", "/restconf/data?a=%", "/restconf/data?" + "a&" * 3000,
                 "/" + "a/" * 4000, "http://other/healthz", "*", "/restconf/data/karst-intent:intents/intent=" + "%41" * 4000):
        answer = raw(net, (head(net, path=path) + "Connection: close\r\n\r\n").encode())
        status = answer[9:12]
        check(not answer or status in (b"200", b"400", b"404", b"414"), f"{path[:60]}: {answer[:80]}")
        if status not in (b"200", b""):
            error_of(json.loads(answer.split(b"\r\n\r\n", 1)[1]))


def bodies_huge_and_deep(net):
    put = ("PUT", f"{INTENTS}/intent=x")
    for body in ("[" * 200000, '{"a":' * 100000, '{"karst-intent:intent":[' + '{"id":"x"},' * 20000,
                 '{"karst-intent:intent":[{"id":"' + "x" * 3000000 + '"}]}', "\x00" * 1000, '{"karst-intent:intent":' + "9" * 500000,
                 '{"a":1,' * 1000 + "}" * 1000, '"' + "\\ud800" * 1000 + '"'):
        status, _, answer = net.request(*put, body=body)
        check(400 <= status < 500, f"{body[:30]!r}…: {status}")
        error_of(answer)
    answer = raw(net, (head(net, *put, "Content-Type: application/yang-data+json\r\nContent-Length: 900000000\r\n\r\n")).encode())
    check(answer.startswith(b"HTTP/1.1 413"), answer[:60])
    check("larger than" in error_of(json.loads(answer.split(b"\r\n\r\n", 1)[1]))["error-message"], answer)
    answer = raw(net, b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n")
    check(answer.startswith(b"HTTP/1.1 405") and b"the method is not known" in answer, answer)


def many_connections_slow_and_silent(net):
    """Some say nothing, some send one octet at a time, some ask for much and do not read."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, CONNECTIONS + 1000)), hard))
    socks, ask = [], (head(net, path="/restconf/data/karst-topology:topology") + "\r\n").encode()
    before = net.prober.answers
    try:
        for i in range(CONNECTIONS):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", net.api_port))
            socks.append(s)
            if i % 500 == 499:
                time.sleep(0.2)
        slow = []
        for i in range(12):
            try:
                s = tls(net, timeout=5)
            except OSError:
                continue  # its turn did not come: others wait, too
            if i % 2:
                s.sendall(ask * 20)
            slow.append(s)
        for octet in ask[:60]:
            for s in slow[::2]:
                try:
                    s.send(bytes([octet]))
                except OSError:
                    pass
            time.sleep(0.05)
        memory, descriptors = shape(net)
        check(descriptors <= net.shape[1] + HELD + 32, f"{descriptors} descriptors")
        net.wait("others are answered meanwhile", lambda: net.prober.answers > before + 5, 60)
        print(f"{CONNECTIONS} connections: {descriptors} descriptors, {memory} kB")
    finally:
        for s in socks + slow:
            s.close()
    net.wait("they are forgotten", lambda: shape(net)[1] <= net.shape[1] + 24, 30)


def the_service_is_unharmed(net):
    net.prober.stopped = True
    net.prober.join(130)
    check(net.prober.answers > 50, f"only {net.prober.answers} answers meanwhile")
    equal(sorted(net.intents()), ["kept"], "intents")
    equal(net.policy_of("kept")["state"], "active", "the policy")
    whole = net.request("GET", "/restconf/data")[2]["ietf-restconf:data"]
    check({"karst-topology:topology", "karst-intent:intents", "karst-policy:policies", "karst-operations:operations"} <=
          set(whole), whole.keys())
    equal(sorted(n["name"] for n in whole["karst-topology:topology"]["node"]), sorted(net.nodes), "nodes of the datastore")
    memory, descriptors = shape(net)
    factor = 6 if "asan" in open(f"/proc/{net.karstd.process.pid}/maps", encoding="utf-8").read() else 1
    check(memory - net.shape[0] < (96 << 10) * factor, f"memory grew from {net.shape[0]} kB to {memory} kB")
    check(descriptors <= net.shape[1] + 24, f"descriptors grew from {net.shape[1]} to {descriptors}")
    print(f"the longest answer took {net.prober.longest:.2f} s; {net.prober.answers} answers; {memory} kB")


STEPS = [begin, every_role_on_every_resource, tokens_that_are_none, framing_that_hides_a_request,
         pipelined_requests_are_answered_in_order, malformed_targets, bodies_huge_and_deep, many_connections_slow_and_silent,
         the_service_is_unharmed]

if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(chain.run("abuse", STEPS, prepare=prepare))
