#!/usr/bin/env python3
"""NETCONF over TLS (RFC 7589): karstd writes, moves and removes a policy on netconfd (yuma123) behind a TLS front of the
test's own, and says what is wrong with certificates: of another issuer, for another name, expired, or ours not taken.
"""
import os
import subprocess
import sys
import time

import chain
import pki
from chain import check, emulation

ROUTERS = ("r1", "named", "other", "misnamed", "expired", "picky")  # netconfd knows four ports


class Tls(chain.Chain):
    """karstd, netconfd, and before it a TLS front for each device of the configuration."""

    netconfd = None
    fronts = ()

    def foreign(self):
        return {"none": True}

    def start(self):
        self.pin = ""
        self.start_netconfd()
        self.write_config()
        self.start_karstd()
        self.wait("the API answers", self.status, 30)
        return self

    def start_netconfd(self):
        yang = os.path.join(self.source, "models", "yang")
        home = self.path("home")
        os.makedirs(os.path.join(home, "data"))
        self.socket = self.path("ncx")
        env = dict(self.env, HOME=home, YUMA_HOME=home)
        self.netconfd = subprocess.Popen(
            ["/usr/sbin/netconfd", "--module=karst-device", f"--modpath={yang}:/usr/share/yuma/modules", "--no-startup",
             "--access-control=off", "--superuser=root", f"--ncxserver-sockname={self.socket}",
             *(f"--port={self.ports[n]}" for n in list(ROUTERS)[:4]), "--log=/dev/null"],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait("netconfd listens", lambda: os.path.exists(self.socket), 60)
        self.fronts = {}
        for name in ROUTERS:
            certificate, key, clients = self.fronts_of[name]
            port = self.ports[name]
            front = emulation.Program(
                [sys.executable, os.path.join(chain.HERE, "tls_front.py"), str(port), certificate, key, clients,
                 "/usr/sbin/netconf-subsystem", f"--ncxserver-sockname={port}@{self.socket}"],
                self.path(f"front-{name}.log"), self.env)
            front.expect(lambda l: l == "ready", 60)
            self.fronts[name] = front

    def stop(self):
        status = super().stop()
        for front in dict(self.fronts).values():
            front.stop()
        self.fronts = {}
        if self.netconfd:
            self.netconfd.terminate()
            self.netconfd.wait(60)
            self.netconfd = None
        return status


def prepare(net):
    ours = pki.Authority(os.path.join(net.folder, "pki"), "routers")
    theirs = pki.Authority(os.path.join(net.folder, "theirs"), "somebody else")
    certificate, key = ours.issue("karst")
    good = ours.issue("r1", san="IP:127.0.0.1,DNS:r1.example.org")
    net.fronts_of = {"r1": (*good, ours.certificate), "named": (*good, ours.certificate),
                     "other": (*theirs.issue("other", san="IP:127.0.0.1"), ours.certificate),
                     "misnamed": (*ours.issue("misnamed", san="IP:127.0.0.2,DNS:127.0.0.1"), ours.certificate),
                     "expired": (*ours.issue("expired", san="IP:127.0.0.1", expired=True), ours.certificate),
                     "picky": (*good, theirs.certificate)}
    first = emulation.free_ports(len(ROUTERS))
    net.ports = {name: first + i for i, name in enumerate(ROUTERS)}
    net.extra_config = {
        "bgp": None,
        "device": [{"name": name, "node": name if name == "r1" else f"none-{name}", "address": "127.0.0.1",
                    "port": net.ports[name], "transport": "tls", "profile": "yuma", "certificate-file": certificate,
                    "private-key-file": key, "ca-file": ours.certificate,
                    **({"server-name": "r1.example.org"} if name == "named" else {})} for name in ROUTERS]}


def text_of(net, name):
    return net.device(name).get("text") or net.device(name).get("reason") or str(net.device(name))


def both_ends_know_each_other(net):
    net.wait("the router by its address", lambda: net.device("r1").get("connected"), 60)
    net.wait("the router by its name", lambda: net.device("named").get("connected"), 60)
    _, line = net.fronts["r1"].expect(lambda l: l.startswith("connected"), 5)
    check(line == "connected karst TLSv1.3", line)


def a_policy_is_written_moved_and_removed(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_state("a", "active", 60)
    before = net.links_of("a")
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay",
                         "constraints": {"avoid": {"link": [before[0]]}}})
    net.wait("it moved", lambda: net.policy_of("a")["state"] == "active" and net.links_of("a") != before, 60)
    for n in range(40):
        net.put_good(f"many-{n}", **{"from": "r1", "to": "r5", "objective": "igp"})
    net.wait("forty more", lambda: all(p["state"] == "active" for p in net.policies().values()), 120)
    check(len(net.policies()) == 41, net.policies().keys())
    for n in range(40):
        check(net.delete(f"many-{n}")[0] == 204, "a deletion")
    check(net.delete("a")[0] == 204, "a deletion")
    net.wait("nothing is left", lambda: not net.policies() and not net.device("r1").get("pending"), 60)


def what_is_wrong_is_said(net):
    for name, words in (("other", "is not to be trusted for 127.0.0.1: "), ("misnamed", "IP address mismatch"),
                        ("expired", "certificate has expired"), ("picky", "it does not take our certificate")):
        net.wait(f"{name}: {words}", lambda: words in str(net.device(name)), 60)
        check(not net.device(name).get("connected"), net.device(name))
    check(not any(l.startswith("connected") for n in ("other", "misnamed", "expired", "picky")
                  for _, l in net.fronts[n].drain()), "a session with a router that is not to be trusted")


def a_lost_session_comes_back(net):
    front = net.fronts["r1"]
    args = front.args
    front.kill()
    net.wait("it is noticed", lambda: not net.device("r1").get("connected"), 60)
    net.fronts["r1"] = emulation.Program(args, net.path("front-r1.log"), net.env)
    net.wait("the router is back", lambda: net.device("r1").get("connected"), 120)
    net.put_good("again", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_state("again", "active", 60)
    time.sleep(0.1)


STEPS = [both_ends_know_each_other, a_policy_is_written_moved_and_removed, what_is_wrong_is_said, a_lost_session_comes_back]

if __name__ == "__main__":
    try:
        chain.require("yuma", os.access("/usr/sbin/netconfd", os.X_OK) and os.access("/usr/sbin/netconf-subsystem", os.X_OK),
                      "netconfd (Debian package netconfd, yuma123) is not there")
    except chain.Skip as skip:
        print(f"skipped: {skip}")
        sys.exit(77)
    sys.exit(chain.run("netconf-tls", STEPS, prepare=prepare, kind=Tls))
