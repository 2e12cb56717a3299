#!/usr/bin/env python3
"""gNMI targets for tests and the demo: many routers in one process, on Python's gRPC and protobuf.

Usage: gnmi_target.py FIRST-PORT CERT KEY|- CA|- NAME...   (router i listens on 127.0.0.1, FIRST-PORT + i; CERT and KEY "-": plain)

Each has what OpenConfig's interfaces and Karst's own module need: Capabilities, Get, Subscribe. Lines on standard input:
  interface ROUTER NAME INDEX        an interface is there
  rate ROUTER NAME BPS               what it sends from now on
  oper ROUTER NAME UP|DOWN
  delay ROUTER NAME US
  policy ROUTER COLOR ENDPOINT BPS   what a policy sends from now on
  capabilities ROUTER on|off         off: Unimplemented, as some targets are
  drop ROUTER                        ends its streams
  garbage ROUTER                     sends octets that are no message
  clock ROUTER SECONDS               its clock is so much ahead
Each is answered by "ok LINE". Standard output says "ready" first, and "subscribed ROUTER PATHS" for each stream.
"""
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent import futures

import grpc


def messages():
    """The messages of gNMI: pygnmi's, which are OpenConfig's own, or else made from Karst's .proto."""
    try:
        from pygnmi.spec.v080 import gnmi_pb2
        return gnmi_pb2
    except ImportError:
        pass
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models", "proto")
    folder = tempfile.mkdtemp(prefix="karst-proto-")
    subprocess.run(["protoc", f"--proto_path={source}", f"--python_out={folder}", "gnmi.proto"], check=True)
    sys.path.insert(0, folder)
    import gnmi_pb2
    return gnmi_pb2


g = messages()
OUT = threading.Lock()


def say(line):
    with OUT:
        print(line, flush=True)


class Flow:
    """A counter that grows at a rate."""

    def __init__(self):
        self.octets, self.bps, self.at = 0.0, 0, time.monotonic()

    def now(self):
        t = time.monotonic()
        self.octets += self.bps / 8 * (t - self.at)
        self.at = t
        return int(self.octets)

    def set(self, bps):
        self.now()
        self.bps = bps


class Router:
    def __init__(self, name):
        self.name = name
        self.lock = threading.Condition()
        self.interfaces = {}  # name -> {index, oper, delay, flow}
        self.policies = {}  # (color, endpoint) -> Flow
        self.capabilities = True
        self.generation = 0  # of streams: drop ends older ones
        self.garbage = 0
        self.ahead = 0

    def leaves(self):
        """Every leaf: (elements with keys, value); values are numbers or texts."""
        for name, i in self.interfaces.items():
            oc = [("interfaces", {}), ("interface", {"name": name}), ("state", {})]
            own = [("telemetry", {}), ("interface", {"name": name})]
            octets = i["flow"].now()
            yield oc + [("counters", {}), ("out-octets", {})], octets
            yield oc + [("counters", {}), ("in-octets", {})], octets // 3
            yield oc + [("counters", {}), ("in-errors", {})], 0
            yield oc + [("oper-status", {})], i["oper"]
            yield oc + [("ifindex", {})], i["index"]
            if i["delay"] is not None:
                yield own + [("delay-us", {})], i["delay"]
        for (color, endpoint), flow in self.policies.items():
            yield [("telemetry", {}), ("policy", {"color": color, "endpoint": endpoint}), ("out-octets", {})], flow.now()


def fits(pattern, leaf):
    """True if a leaf is at or below a path; a key that the path leaves out, or *, takes all."""
    if len(pattern) > len(leaf):
        return False
    return all(p.name in (name, "*") and all(fnmatch.fnmatchcase(keys.get(k, ""), v) if v == "*" else keys.get(k) == v
                                             for k, v in p.key.items())
               for p, (name, keys) in zip(pattern, leaf))


def value_of(value, encoding):
    if encoding == g.JSON_IETF:
        return g.TypedValue(json_ietf_val=json.dumps(str(value) if isinstance(value, int) else value).encode())
    return g.TypedValue(uint_val=value) if isinstance(value, int) else g.TypedValue(string_val=value)


def notification(router, target, leaves, encoding):
    n = g.Notification(timestamp=time.time_ns() + router.ahead * 10**9)
    if target:
        n.prefix.target = target
    for leaf, value in leaves:
        u = n.update.add()
        for name, keys in leaf:
            u.path.elem.add(name=name, key=keys)
        u.val.CopyFrom(value_of(value, encoding))
    return n


class Servicer:
    def __init__(self, router):
        self.router = router

    def capabilities(self, request, context):
        if not self.router.capabilities:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "no Capabilities here")
        return g.CapabilityResponse(gNMI_version="0.8.0", supported_encodings=[g.JSON_IETF, g.PROTO], supported_models=[
            g.ModelData(name="openconfig-interfaces", organization="OpenConfig", version="3.0.0"),
            g.ModelData(name="karst-device", organization="Karst", version="2026-11-24")])

    def get(self, request, context):
        with self.router.lock:
            leaves = list(self.router.leaves())
        return g.GetResponse(notification=[
            notification(self.router, request.prefix.target,
                         [l for l in leaves if fits(list(request.prefix.elem) + list(p.elem), l[0])], request.encoding)
            for p in request.path])

    def wanted(self, s, prefix, leaf):
        return fits(prefix + list(s.path.elem), leaf)

    def subscribe(self, requests, context):
        r = self.router
        s = next(requests).subscribe
        prefix = list(s.prefix.elem)
        target = s.prefix.target
        with r.lock:
            generation = r.generation
        say(f"subscribed {r.name} {len(s.subscription)}")
        with r.lock:
            first = [l for l in r.leaves() if any(self.wanted(x, prefix, l[0]) for x in s.subscription)]
        yield g.SubscribeResponse(update=notification(r, target, first, s.encoding))
        yield g.SubscribeResponse(sync_response=True)
        due = [(time.monotonic() + (x.sample_interval or 10**10) / 1e9, x) for x in s.subscription]
        told = {repr(l): v for l, v in first}
        while context.is_active():
            with r.lock:
                if r.generation != generation:
                    return
                garbage, r.garbage = r.garbage, 0
                leaves = list(r.leaves())
            if garbage:
                yield b"\x0a\xff\xff"
            now = time.monotonic()
            out = []
            for k, (at, x) in enumerate(due):
                mine = [l for l in leaves if self.wanted(x, prefix, l[0])]
                if x.mode == g.ON_CHANGE:
                    out += [l for l in mine if told.get(repr(l[0])) != l[1]]
                elif now >= at:
                    due[k] = (at + (x.sample_interval or 10**10) / 1e9, x)
                    out += mine
            for l, v in out:
                told[repr(l)] = v
            if out:
                yield g.SubscribeResponse(update=notification(r, target, out, s.encoding))
            time.sleep(0.05)


def serve(router, port, credentials):
    s = Servicer(router)
    raw = lambda m: m if isinstance(m, bytes) else m.SerializeToString()
    unary = lambda f, t: grpc.unary_unary_rpc_method_handler(f, request_deserializer=t.FromString, response_serializer=raw)
    handlers = {"Capabilities": unary(s.capabilities, g.CapabilityRequest), "Get": unary(s.get, g.GetRequest),
                "Subscribe": grpc.stream_stream_rpc_method_handler(
                    s.subscribe, request_deserializer=g.SubscribeRequest.FromString, response_serializer=raw)}
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("gnmi.gNMI", handlers),))
    address = f"127.0.0.1:{port}"
    bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    if bound != port:
        sys.exit(f"{address} is taken")
    server.start()
    return server


def order(routers, words):
    r = routers[words[1]]
    with r.lock:
        if words[0] == "interface":
            r.interfaces[words[2]] = {"index": int(words[3]), "oper": "UP", "delay": None, "flow": Flow()}
        elif words[0] == "rate":
            r.interfaces[words[2]]["flow"].set(int(words[3]))
        elif words[0] in ("oper", "delay"):
            r.interfaces[words[2]][words[0]] = words[3] if words[0] == "oper" else int(words[3])
        elif words[0] == "policy":
            r.policies.setdefault((words[2], words[3]), Flow()).set(int(words[4]))
        elif words[0] == "capabilities":
            r.capabilities = words[2] == "on"
        elif words[0] == "drop":
            r.generation += 1
        elif words[0] == "garbage":
            r.garbage = 1
        elif words[0] == "clock":
            r.ahead = int(words[2])
        else:
            raise KeyError(words[0])


def main():
    first, cert, key, ca = int(sys.argv[1]), *sys.argv[2:5]
    routers = {name: Router(name) for name in sys.argv[5:]}
    credentials = None
    if cert != "-":
        read = lambda f: open(f, "rb").read()
        credentials = grpc.ssl_server_credentials([(read(key), read(cert))], None if ca == "-" else read(ca), ca != "-")
    servers = [serve(r, first + i, credentials) for i, r in enumerate(routers.values())]
    say("ready")
    for line in sys.stdin:
        words = line.split()
        try:
            order(routers, words)
            say(f"ok {line.strip()}")
        except (KeyError, IndexError, ValueError) as fault:
            say(f"error {line.strip()}: {fault!r}")
    for s in servers:
        s.stop(0)


if __name__ == "__main__":
    main()
