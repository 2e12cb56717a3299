#!/usr/bin/env python3
"""gNMI targets for tests and the demo: many routers in one process, on Python's gRPC and protobuf.

Usage: gnmi_target.py FIRST-PORT CERT KEY|- CA|- NAME...   (router i listens on 127.0.0.1, FIRST-PORT + i; CERT and KEY "-": plain)

Each has what OpenConfig's interfaces and Karst's own module need: Capabilities, Get, Set, Subscribe. Its SRv6 Policies are
JSON objects (RFC 7951), judged by code of its own; a Set is made as a whole or not at all. Lines on standard input:
  interface ROUTER NAME INDEX        an interface is there
  rate ROUTER NAME BPS               what it sends from now on
  oper ROUTER NAME UP|DOWN
  delay ROUTER NAME US
  policy ROUTER COLOR ENDPOINT BPS   what a policy sends from now on
  capabilities ROUTER on|off         off: Unimplemented, as some targets are
  drop ROUTER                        ends its streams
  garbage ROUTER                     sends octets that are no message
  clock ROUTER SECONDS               its clock is so much ahead
  own ROUTER JSON                    an SRv6 Policy that somebody else made; replaces one of its key
  remove ROUTER COLOR ENDPOINT       an SRv6 Policy is taken away by somebody else
  state ROUTER COLOR ENDPOINT up|down
  set ROUTER HOW                     what becomes of the next Set: refuse, exhausted, half (refused, but a part is made), lie
                                     (said to be made, and is not), silent (not made, never answered), mute (made, never
                                     answered), die (made, and the server ends before it answers)
  get ROUTER on|off|absent|leaves    off: Unimplemented; absent: what is not there is NOT_FOUND; leaves: single leaves
  user ROUTER NAME PASSWORD          the metadata that is wanted from now on
  serve ROUTER                       a server that ended is there again
  show ROUTER                        answered by "policies ROUTER JSON" before the ok
Each is answered by "ok LINE". Standard output says "ready" first, and "subscribed ROUTER PATHS" for each stream.
"""
import fnmatch
import ipaddress
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
        self.srv6 = {}  # (color, endpoint) -> the policy as configured
        self.oper = {}  # (color, endpoint) -> "up" or "down"; absent: up
        self.changed = {}  # (color, endpoint) -> when, in ns
        self.next_set, self.get_style, self.user, self.server = None, {"on"}, None, None
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


class Refused(Exception):
    pass


def bare(name):
    return name.split(":")[-1]


def plain(value):
    """A JSON value without modules in the names of members."""
    if isinstance(value, dict):
        return {bare(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def number(value, least=0, most=2**32 - 1):
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(f"{value!r} is no number from {least} to {most}")


SEGMENT = {"index": number, "sid": lambda v: ipaddress.IPv6Address(v), "behavior": lambda v: number(v, 0, 65535)}
LIST = {"id": number, "name": str, "weight": number, "segment": SEGMENT}
PATH = {"preference": number, "name": str, "segment-list": LIST}
PREFIX = {"prefix": lambda v: ipaddress.ip_network(v), "service-sid": lambda v: ipaddress.ip_address(v)}
POLICY = {"color": lambda v: number(v, 1), "endpoint": lambda v: ipaddress.ip_address(v), "name": str,
          "binding-sid": lambda v: ipaddress.ip_address(v), "candidate-path": PATH, "steering": {"prefix": PREFIX}}


def judge(value, shape, where):
    """Refuses what an SRv6 Policy cannot be."""
    for name, member in value.items():
        if name not in shape:
            raise KeyError(f"{where} has no {name}")
        inner = shape[name]
        if not isinstance(inner, dict):
            try:
                inner(member)
            except ValueError as fault:
                raise Refused(f"{where}/{name}: {fault}")
            continue
        for one in member if isinstance(member, list) else [member]:
            judge(one, inner, f"{where}/{name}")


def policy_key(elems):
    """The key of the policy that a path names, None for all of them."""
    names = [bare(e.name) for e in elems]
    if not names or names[0] != "srv6-policies" or names[1:] not in ([], ["policy"]):
        raise KeyError("/" + "/".join(names))
    if len(names) == 1 or not elems[1].key:
        return None
    if sorted(elems[1].key) != ["color", "endpoint"]:
        raise KeyError("policy has the keys color and endpoint")
    return elems[1].key["color"], elems[1].key["endpoint"]


def put_policy(policies, key, value):
    value = {"color": int(key[0]), "endpoint": key[1], **plain(json.loads(value))}
    judge(value, POLICY, "policy")
    if (str(value["color"]), value["endpoint"]) != key:
        raise Refused("the keys of the path are not those of the value")
    policies[key] = value


def leaves_of(value, elems):
    """The single leaves of an SRv6 Policy, for targets that answer so."""
    keys = {"policy": ["color", "endpoint"], "candidate-path": ["preference"], "segment-list": ["id"], "segment": ["index"],
            "prefix": ["prefix"]}
    for name, member in value.items():
        if isinstance(member, dict):
            yield from leaves_of(member, elems + [(name, {})])
        elif isinstance(member, list):
            for one in member:
                yield from leaves_of(one, elems + [(name, {k: str(one[k]) for k in keys[name]})])
        else:
            yield elems + [(name, {})], member


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

    def allow(self, context):
        given = dict(context.invocation_metadata())
        if self.router.user and self.router.user != (given.get("username"), given.get("password")):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who is this?")

    def set(self, request, context):
        self.allow(context)
        r = self.router
        with r.lock:
            how, r.next_set = r.next_set, None
            policies = dict(r.srv6)
            made = g.SetResponse(timestamp=time.time_ns())
            before = list(request.prefix.elem)
            try:
                parts = [(1, p, None) for p in request.delete] + [(2, u.path, u.val) for u in request.replace]
                for op, path, val in parts[:len(parts) // 2] if how == "half" else parts:
                    key = policy_key(before + list(path.elem))
                    if key is None:
                        raise Refused("Karst writes single policies")
                    if op == 1:
                        policies.pop(key, None)
                    else:
                        put_policy(policies, key, val.json_ietf_val)
                    made.response.add(path=path, op=op)
                    if how not in ("refuse", "exhausted", "lie", "silent"):
                        r.changed[key] = made.timestamp
                if how not in ("refuse", "exhausted", "lie", "silent"):
                    r.srv6 = policies
            except KeyError as fault:
                context.abort(grpc.StatusCode.NOT_FOUND, str(fault))
            except (Refused, ValueError) as fault:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(fault))
        say(f"set {r.name} {how or 'made'} {len(parts)}")
        if how in ("refuse", "half"):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "not today")
        if how == "exhausted":
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "no memory for so many segments")
        if how == "die":
            r.server.stop(0)
        while how in ("silent", "mute", "die") and context.is_active():
            time.sleep(0.05)
        return made

    def get_policies(self, elems, configuration, context):
        """What is at a path of the SRv6 Policies."""
        r = self.router
        with r.lock:
            key = policy_key(elems)
            found = [v for k, v in sorted(r.srv6.items()) if key in (None, k)]
            oper = {k: r.oper.get(k, "up") for k in r.srv6}
        if not found and "absent" in r.get_style:
            context.abort(grpc.StatusCode.NOT_FOUND, "nothing is there")
        if not configuration:
            found = [{**v, "state": {"oper-state": oper[str(v["color"]), v["endpoint"]]}} for v in found]
        n = g.Notification(timestamp=time.time_ns())
        for v in found:
            entry = ("policy", {"color": str(v["color"]), "endpoint": v["endpoint"]})
            pieces = [([("srv6-policies", {}), entry], v)]
            if "leaves" in r.get_style:
                pieces = leaves_of(v, [("srv6-policies", {}), entry])
            for path, value in pieces:
                u = n.update.add()
                for name, keys in path:
                    u.path.elem.add(name=name, key=keys)
                u.val.json_ietf_val = json.dumps(value).encode()
        return n

    def get(self, request, context):
        self.allow(context)
        if "off" in self.router.get_style:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "no Get here")
        before = list(request.prefix.elem)
        wanted = [before + list(p.elem) for p in request.path]
        if wanted and all(w and bare(w[0].name) == "srv6-policies" for w in wanted):
            try:
                return g.GetResponse(notification=[self.get_policies(w, request.type == g.GetRequest.CONFIG, context)
                                                   for w in wanted])
            except KeyError as fault:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(fault))
        with self.router.lock:
            leaves = list(self.router.leaves())
        return g.GetResponse(notification=[
            notification(self.router, request.prefix.target,
                         [l for l in leaves if fits(list(request.prefix.elem) + list(p.elem), l[0])], request.encoding)
            for p in request.path])

    def wanted(self, s, prefix, leaf):
        return fits(prefix + list(s.path.elem), leaf)

    def watch(self, updates_only, context):
        """Tells of SRv6 Policies that changed; whether it was asked for or not, first of all that there are."""
        r = self.router
        with r.lock:
            generation, seen = r.generation, dict(r.changed)
        say(f"watched {r.name}")
        if not updates_only:
            yield g.SubscribeResponse(update=self.get_policies([g.PathElem(name="srv6-policies")], False, context))
        yield g.SubscribeResponse(sync_response=True)
        while context.is_active() and r.generation == generation:
            with r.lock:
                new = {k: at for k, at in r.changed.items() if seen.get(k) != at}
                held = {k: r.srv6.get(k) for k in new}
            seen.update(new)
            for key, at in sorted(new.items()):
                n = g.Notification(timestamp=at)
                n.prefix.elem.add(name="srv6-policies")
                entry = dict(name="policy", key={"color": key[0], "endpoint": key[1]})
                if held[key] is None:
                    n.delete.add().elem.add(**entry)
                else:
                    u = n.update.add()
                    u.path.elem.add(**entry)
                    u.val.json_ietf_val = json.dumps(held[key]).encode()
                yield g.SubscribeResponse(update=n)
            time.sleep(0.05)

    def subscribe(self, requests, context):
        self.allow(context)
        r = self.router
        s = next(requests).subscribe
        prefix = list(s.prefix.elem)
        if s.subscription and all(bare((prefix + list(x.path.elem))[0].name) == "srv6-policies" for x in s.subscription):
            yield from self.watch(s.updates_only, context)
            return
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
                "Set": unary(s.set, g.SetRequest),
                "Subscribe": grpc.stream_stream_rpc_method_handler(
                    s.subscribe, request_deserializer=g.SubscribeRequest.FromString, response_serializer=raw)}
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("gnmi.gNMI", handlers),))
    address = f"127.0.0.1:{port}"
    bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    if bound != port:
        sys.exit(f"{address} is taken")
    server.start()
    router.server = server
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
        elif words[0] == "own":
            policy = json.loads(" ".join(words[2:]))
            key = str(policy["color"]), policy["endpoint"]
            put_policy(r.srv6, key, json.dumps(policy))
            r.changed[key] = time.time_ns()
        elif words[0] == "remove":
            del r.srv6[words[2], words[3]]
            r.changed[words[2], words[3]] = time.time_ns()
        elif words[0] == "state":
            r.oper[words[2], words[3]] = words[4]
            r.changed[words[2], words[3]] = time.time_ns()
        elif words[0] == "set":
            r.next_set = words[2]
        elif words[0] == "get":
            r.get_style = set(words[2:])
        elif words[0] == "user":
            r.user = words[2], words[3]
        elif words[0] == "serve":
            r.serve()
        elif words[0] == "show":
            say(f"policies {r.name} {json.dumps([v for _, v in sorted(r.srv6.items())])}")
        else:
            raise KeyError(words[0])


def main():
    first, cert, key, ca = int(sys.argv[1]), *sys.argv[2:5]
    routers = {name: Router(name) for name in sys.argv[5:]}
    credentials = None
    if cert != "-":
        read = lambda f: open(f, "rb").read()
        credentials = grpc.ssl_server_credentials([(read(key), read(cert))], None if ca == "-" else read(ca), ca != "-")
    for i, r in enumerate(routers.values()):
        r.serve = lambda r=r, i=i: serve(r, first + i, credentials)
        r.serve()
    say("ready")
    for line in sys.stdin:
        words = line.split()
        try:
            order(routers, words)
            say(f"ok {line.strip()}")
        except (KeyError, IndexError, ValueError) as fault:
            say(f"error {line.strip()}: {fault!r}")
    for r in routers.values():
        r.server.stop(0)


if __name__ == "__main__":
    main()
