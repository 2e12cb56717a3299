#!/usr/bin/env python3
"""Routers of other makers: karstd drives two netconfds (yuma123) that know nothing of Karst's module, one by a profile file
(examples/profiles/acme.yaml), one by the built-in structure of the IETF's model. Policies are written, moved and removed,
drift is seen and repaired, what others have there stays. A profile that does not fit the router's YANG is refused."""
import os
import re
import select
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import chain
import pki
from chain import SOURCE, check, emulation, equal

ACME = "{urn:example:acme:srte}"
IETF = "{urn:ietf:params:xml:ns:yang:ietf-sr-policy}"
KINDS = {
    "r1": {"profile": "acme", "module": "acme-srte", "yang": os.path.join(SOURCE, "examples", "profiles", "yang")},
    "r5": {"profile": "ietf-like", "module": "ietf-sr-policy", "yang": os.path.join(SOURCE, "tests", "profile", "yang")},
}
OTHERS = {
    "r1": '<network-instances xmlns="urn:example:acme:instances"><network-instance><name>default</name>'
          '<description>kept</description><srte xmlns="urn:example:acme:srte"><source-address>2001:db8::5</source-address>'
          "<policy><name>theirs</name><color>7</color><end-point>2001:db8::7</end-point></policy></srte></network-instance>"
          "<network-instance><name>customer</name></network-instance></network-instances>",
    "r5": '<routing xmlns="urn:ietf:params:xml:ns:yang:ietf-routing"><router-id>1.2.3.4</router-id>'
          '<segment-routing xmlns="urn:ietf:params:xml:ns:yang:ietf-sr-policy"><traffic-engineering><attributes>'
          "<segment-lists><segment-list><name>mine</name></segment-list></segment-lists></attributes><policies><policy>"
          "<color>7</color><endpoint>2001:db8::7</endpoint><name>theirs</name></policy></policies></traffic-engineering>"
          "</segment-routing></routing>",
}


class Silent(Exception):
    """No answer within some seconds."""


class Session:
    """A NETCONF session of somebody else, straight to netconfd's subsystem (base:1.0)."""

    HELLO = '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>' \
            "urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>"

    def __init__(self, router, pause):
        env = dict(os.environ, SSH_CONNECTION=f"127.0.0.1 1 127.0.0.1 {router.port}",
                   SSH_CLIENT=f"127.0.0.1 1 {router.port}", USER="root", HOME="/root")
        self.child = subprocess.Popen(["/usr/sbin/netconf-subsystem",
                                       f"--ncxserver-sockname={router.port}@{router.socket}"], env=env,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        try:
            self.send(self.HELLO)
            self.receive()
            time.sleep(pause)
        except Exception:
            self.close()
            raise

    def send(self, text):
        self.child.stdin.write(text.encode() + b"]]>]]>")
        self.child.stdin.flush()

    def receive(self):
        """The next message. netconfd sometimes forgets one that came together with another: then this is a new try."""
        data = b""
        while not data.endswith(b"]]>]]>"):
            if not select.select([self.child.stdout], [], [], 5)[0]:
                raise Silent("netconfd does not answer")
            more = os.read(self.child.stdout.fileno(), 65536)
            check(more, "netconfd closed the session")
            data += more
        return data[:-6].decode()

    def ask(self, operation):
        self.send(f'<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">{operation}</rpc>')
        return self.receive()

    def close(self):
        try:
            self.child.stdin.close()
        except OSError:
            pass
        self.child.kill()  # it has nothing to finish, and may be deaf to less
        self.child.wait(60)
        self.child.stdout.close()


class Router:
    """A netconfd with the modules of one maker, and a TLS front before it."""

    def __init__(self, net, name, port, front):
        self.name, self.port = name, port
        home = net.path(f"home-{name}")
        os.makedirs(os.path.join(home, "data"))
        self.socket = net.path(f"ncx-{name}")
        env = dict(net.env, HOME=home, YUMA_HOME=home)
        self.netconfd = subprocess.Popen(
            ["/usr/sbin/netconfd", f"--module={KINDS[name]['module']}",
             f"--modpath={KINDS[name]['yang']}:/usr/share/yuma/modules", "--no-startup", "--access-control=off",
             "--superuser=root", f"--ncxserver-sockname={self.socket}", f"--port={port}", f"--log={net.path(f'log-{name}')}"],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        net.wait(f"netconfd of {name} listens", lambda: os.path.exists(self.socket), 60)
        certificate, key, clients = front
        self.front = emulation.Program(
            [sys.executable, os.path.join(chain.HERE, "tls_front.py"), str(port), certificate, key, clients,
             "/usr/sbin/netconf-subsystem", f"--ncxserver-sockname={port}@{self.socket}"],
            net.path(f"front-{name}.log"), net.env)
        self.front.expect(lambda l: l == "ready", 60)

    def ask(self, *operations):
        """Answers on a session of its own. All that is asked here may be asked again."""
        for attempt in range(20):
            try:
                # The hello must not come together with the first question.
                session = Session(self, 0.1 * (attempt + 1))
                try:
                    return [session.ask(operation) for operation in operations]
                finally:
                    session.close()
            except Silent:
                continue
        raise emulation.Fault(f"netconfd of {self.name} never answers")

    def edit(self, config):
        """Somebody's change, once nobody holds a lock."""
        def done():
            answers = self.ask('<edit-config xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"><target><candidate/></target>'
                               f"<config>{config}</config></edit-config>", "<commit/>")
            check(all("<ok/>" in a.replace(" ", "") or ":ok" in a for a in answers), f"{self.name}: {answers}")
            return True
        return done

    def running(self):
        return ET.fromstring(self.ask("<get-config><source><running/></source></get-config>")[0])

    def stop(self):
        self.front.stop()
        self.netconfd.terminate()
        self.netconfd.wait(60)


class Makers(chain.Chain):
    routers_of = ()

    def foreign(self):
        return {"none": True}

    def start(self):
        self.pin = ""
        self.routers_of = {}
        for name, port in self.ports.items():
            self.routers_of[name] = Router(self, name, port, self.front)
            self.wait(f"what others have on {name}", self.routers_of[name].edit(OTHERS[name]), 60)
        self.write_config()
        self.start_karstd()
        self.wait("the API answers", self.status, 30)
        return self

    def stop(self):
        status = super().stop()
        for router in dict(self.routers_of).values():
            router.stop()
        self.routers_of = {}
        return status

    def acme(self):
        """Karst's policies on r1: name, path, lists and SIDs as the router writes them."""
        out = {}
        for policy in self.routers_of["r1"].running().iter(f"{ACME}policy"):
            name = policy.findtext(f"{ACME}name")
            hops = [(h.findtext(f"{ACME}index"), h.findtext(f"{ACME}srv6/{ACME}sid")) for h in policy.iter(f"{ACME}hop")]
            out[name] = {"shutdown": policy.findtext(f"{ACME}shutdown"), "hops": hops,
                         "share": [s.text for s in policy.iter(f"{ACME}share")],
                         "source": [s.text.split(":")[-1] for s in policy.iter(f"{ACME}source")]}
        return out

    def ietf(self):
        """On r5: policies with the names of their lists, and the lists."""
        running = self.routers_of["r5"].running()
        policies = {p.findtext(f"{IETF}name"): [r.text for r in p.iter(f"{IETF}name-ref")]
                    for p in running.iter(f"{IETF}policy")}
        lists = {l.findtext(f"{IETF}name"): [s.text for s in l.iter(f"{IETF}sid-value")]
                 for l in running.iter(f"{IETF}segment-list") if l.find(f"{IETF}name") is not None}
        return policies, lists


def prepare(net):
    ours = pki.Authority(os.path.join(net.folder, "pki"), "routers")
    certificate, key = ours.issue("karst")
    net.front = (*ours.issue("r", san="IP:127.0.0.1"), ours.certificate)
    first = emulation.free_ports(len(KINDS))
    net.ports = {name: first + i for i, name in enumerate(KINDS)}
    quirks = {"no-running-lock": True, "batch-size": 500}  # netconfd's
    net.profile = os.path.join(SOURCE, "examples", "profiles", "acme.yaml")
    net.extra_config = {
        "bgp": None,
        "southbound": {"read-back-s": 2},
        "profile": [{"name": "acme", "model-file": net.profile, "yang-folder": KINDS["r1"]["yang"], **quirks},
                    {"name": "ietf-like", "model": "ietf", "yang-folder": KINDS["r5"]["yang"], **quirks}],
        "device": [{"name": name, "node": name, "address": "127.0.0.1", "port": port, "transport": "tls",
                    "profile": KINDS[name]["profile"], "certificate-file": certificate, "private-key-file": key,
                    "ca-file": ours.certificate} for name, port in net.ports.items()]}


def both_are_read(net):
    for name in KINDS:
        net.wait(f"{name} is connected", lambda: net.device(name).get("connected"), 60)
    with open(net.path("karstd.log"), encoding="utf-8") as log:
        check("was not compared" not in log.read(), "the modules are there")


def a_policy_is_written(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.put_good("b", **{"from": "r5", "to": "r1", "objective": "delay"})
    for name in "ab":
        net.wait_state(name, "active", 60)
    held = net.acme()
    equal(set(held), {"theirs", "karst-a"}, "policies of r1")
    policy = held["karst-a"]
    equal((policy["shutdown"], policy["source"][0], policy["share"][0]), ("false", "explicit", "1000"), "how it is written")
    check(policy["hops"] and policy["hops"][0][0] == "10" and ":" in policy["hops"][0][1], policy)
    policies, lists = net.ietf()
    equal(set(policies), {"theirs", "karst-b"}, "policies of r5")
    check(all(r.startswith("karst-b.") and lists[r] for r in policies["karst-b"]), (policies, lists))


def it_moves(net):
    for name, ends in (("a", ("r1", "r5")), ("b", ("r5", "r1"))):
        before, held = net.links_of(name), (net.acme()["karst-a"]["hops"], net.ietf())
        net.put_good(name, **{"from": ends[0], "to": ends[1], "objective": "delay",
                              "constraints": {"avoid": {"link": [before[0]]}}})
        net.wait(f"{name} moved", lambda: net.policy_of(name)["state"] == "active" and net.links_of(name) != before, 60)
        check(held != (net.acme()["karst-a"]["hops"], net.ietf()), f"the router of {name} holds what it held")


def drift_is_repaired(net):
    held, lists = net.acme(), net.ietf()
    net.wait("somebody switches a policy off", net.routers_of["r1"].edit(
        '<network-instances xmlns="urn:example:acme:instances"><network-instance><name>default</name>'
        '<srte xmlns="urn:example:acme:srte"><policy><name>karst-a</name><shutdown>true</shutdown></policy></srte>'
        "</network-instance></network-instances>"), 60)
    name = lists[0]["karst-b"][0]
    net.wait("somebody changes a shared list", net.routers_of["r5"].edit(
        '<routing xmlns="urn:ietf:params:xml:ns:yang:ietf-routing"><segment-routing '
        'xmlns="urn:ietf:params:xml:ns:yang:ietf-sr-policy"><traffic-engineering><attributes><segment-lists><segment-list>'
        f"<name>{name}</name><segments><segment><index>99</index><segment-types><segment-type-2><sid-value>2001:db8::bad"
        "</sid-value></segment-type-2></segment-types></segment></segments></segment-list></segment-lists></attributes>"
        "</traffic-engineering></segment-routing></routing>"), 60)
    seen = net.wait("both drifts are seen and repaired", lambda: (
        lambda d: d if {x["policy"] for x in d if x.get("repaired")} >= {"a", "b"} else None)(net.status().get("drift", [])), 90)
    told = str(seen)
    check("shutdown is true" in told and "2001:db8::bad" in told, told)
    net.wait("r1 holds what it held", lambda: net.acme() == held, 60)
    net.wait("r5 holds what it held", lambda: net.ietf() == lists, 60)


def it_is_removed_and_others_stay(net):
    for name in "ab":
        check(net.delete(name)[0] == 204, "a deletion")
    net.wait("nothing is left", lambda: not net.policies(), 60)
    equal(set(net.wait("r1 is clean", lambda: (lambda p: p if len(p) == 1 else None)(net.acme()), 60)), {"theirs"}, "on r1")
    equal(net.ietf(), ({"theirs": []}, {"mine": []}), "on r5")
    running = ET.tostring(net.routers_of["r1"].running(), encoding="unicode")
    check("kept" in running and "2001:db8::5" in running and "customer" in running, running)


def run_check(net, text):
    """karstd --check with a changed profile; its status and what it says."""
    profile, config = net.path("other.yaml"), net.path("other.json")
    with open(profile, "w", encoding="utf-8") as f:
        f.write(text)
    with open(net.config, encoding="utf-8") as f:
        whole = f.read()
    with open(config, "w", encoding="utf-8") as f:
        f.write(whole.replace(net.profile, profile))
    done = subprocess.run([net.program("karstd"), "--check", "--config", config], env=net.env, capture_output=True,
                          text=True, timeout=120)
    return done.returncode, done.stderr


def a_profile_that_does_not_fit_is_refused(net):
    with open(net.profile, encoding="utf-8") as f:
        good = f.read()
    equal(run_check(net, good)[0], 0, "the status of a good one")
    line = next(i for i, l in enumerate(good.split("\n"), 1) if "path: end-point" in l)
    status, said = run_check(net, good.replace("path: end-point", "path: endpoint"))
    check(status == 2 and re.search(rf"other\.yaml:{line}: .*endpoint", said), said)
    status, said = run_check(net, good.replace("acme-srte", "acme-other").replace("example:acme:srte", "example:other"))
    check(status == 0 and "was not compared" in said and "acme-other" in said, said)


STEPS = [both_are_read, a_policy_is_written, it_moves, drift_is_repaired, it_is_removed_and_others_stay,
         a_profile_that_does_not_fit_is_refused]

if __name__ == "__main__":
    try:
        chain.require("yuma", os.access("/usr/sbin/netconfd", os.X_OK) and os.access("/usr/sbin/netconf-subsystem", os.X_OK),
                      "netconfd (Debian package netconfd, yuma123) is not there")
    except chain.Skip as skip:
        print(f"skipped: {skip}")
        sys.exit(77)
    sys.exit(chain.run("profile", STEPS, prepare=prepare, kind=Makers))
