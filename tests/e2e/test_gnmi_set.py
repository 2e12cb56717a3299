#!/usr/bin/env python3
"""Routers driven by gNMI beside such by NETCONF, in one group of changes. The gNMI ends are targets on Python's gRPC with
OpenConfig's messages (tests/lab/gnmi_target.py): with mutual TLS and a password, and with every fault that a Set can have.
Others on the way have a wrong certificate, a wrong password, or no Get, and Karst has to say so.
"""
import json
import os
import sys

import chain
import test_telemetry
from chain import check, emulation, equal

grpc = test_telemetry.grpc
DEMAND = {"from": "r1", "to": "r5", "bidirectional": True, "bandwidth-bps": "10000000"}
FAST, WIDE = ["r1--r3", "r3--r5"], ["r1--r2", "r2--r4", "r4--r5"]
THEIRS = {"color": 77, "endpoint": "2001:db8:0:1::1", "name": "theirs", "candidate-path": [
    {"preference": 7, "segment-list": [{"id": 1, "segment": [{"index": 1, "sid": "2001:db8:f:1::"}]}]}]}


class Mixed(test_telemetry.Measured):
    """r1 speaks NETCONF, r5 gNMI; r2, r3 and r4 have gNMI, and something is wrong with each."""

    def start_targets(self):
        self.make_certificates()
        self.gnmi_port = emulation.free_ports(len(self.nodes))
        script = os.path.join(chain.HERE, "..", "lab", "gnmi_target.py")
        self.targets = emulation.Program([sys.executable, script, str(self.gnmi_port), self.path("server.crt"),
                                          self.path("server.key"), self.path("ca.crt"), *self.nodes],
                                         self.path("targets.log"))
        self.targets.expect(lambda l: l == "ready", 60)
        self.target("user r5 karst secret")
        self.target("user r3 karst another")
        self.target("get r4 off")
        self.target(f"own r5 {json.dumps(THEIRS)}")

    def write_config(self):
        self.start_targets()
        with open(self.path("password"), "w", encoding="ascii") as f:
            f.write("secret\n")
        devices = [{"name": "r1", "address": "127.0.0.1", "port": self.netconf_port, "username": "karst",
                    "private-key-file": self.path("client"), "host-key-sha256": self.pin}]
        for i, n in enumerate(self.nodes[1:], 1):
            devices.append({"name": n, "driver": "gnmi", "address": "127.0.0.1", "gnmi": {
                "port": self.gnmi_port + i, "ca-file": self.path("client.crt" if n == "r2" else "ca.crt"),
                "server-name": "localhost", "certificate-file": self.path("client.crt"),
                "key-file": self.path("client.key"), "username": "karst", "password-file": self.path("password"),
                "telemetry": False}})
        self.extra_config = {"device": devices, "southbound": {"rpc-timeout-s": 3}}
        emulation.Emulation.write_config(self)

    def is_ready(self):
        s = self.status()
        up = {d["name"] for d in s.get("device", []) if d.get("connected")}
        return {"r1", "r5"} <= up and all(f.get("synced") for f in s["feed"] if f["name"].startswith("lab"))

    def shown(self):
        """What the target r5 holds: (Karst's, others')."""
        self.targets.tell("show r5")
        _, line = self.targets.expect(lambda l: l.startswith("policies r5 "), 20)
        held = json.loads(line.split(" ", 2)[2])
        mine = [p for p in held if p["name"].startswith("karst-")]
        return mine, [p for p in held if p not in mine]

    def both(self):
        return self.ours()["r1"], self.shown()[0]

    def say_once(self, order, line):
        """An order to the target, and what it says when that came to pass."""
        self.target(order)
        return lambda: self.targets.expect(lambda l: l.startswith(line), 30)


def is_active(net):
    policies = net.policies()
    return all(policies[n]["state"] == "active" for n in ("c", "c~"))


def put(net, objective):
    net.put_good("c", **DEMAND, objective=objective)


def admitted_together(net):
    put(net, "delay")
    net.wait("both directions active", lambda: is_active(net), 30)
    equal(net.links_of("c"), FAST, "path")
    mine, theirs = net.shown()
    equal(theirs, [THEIRS], "what is not Karst's")
    equal(len(mine), 1, "policies on r5")
    check(net.ours()["r1"], "r1 holds nothing")


def refused_by_gnmi_is_taken_back_by_netconf(net):
    before = net.both()
    made = net.say_once("set r5 refuse", "set r5 refuse")
    put(net, "bandwidth")
    made()
    net.wait("r5 refuses", lambda: net.policies()["c~"]["state"] == "failed", 30)
    check("not today" in net.policies()["c~"]["reason"], net.policies()["c~"]["reason"])
    net.wait("no transaction is open", lambda: not any(net.device(r).get("busy") for r in ("r1", "r5")), 30)
    equal(net.both(), before, "routers after one of two refused")
    equal(net.links_of("c"), WIDE, "the path that waits")


def kill_9_keeps_them_together(net):
    before = net.both()
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    net.wait("both directions active", lambda: is_active(net), 60)
    check(all(a != b for a, b in zip(before, net.both())), "a router was not changed")


def set_without_an_answer_is_found_out(net):
    """Made, but not said: Get tells. Not made: it is tried again."""
    made = net.say_once("set r5 mute", "set r5 mute")
    put(net, "delay")
    made()
    net.wait("both directions fast", lambda: is_active(net) and net.links_of("c") == FAST, 60)
    lost = net.say_once("set r5 silent", "set r5 silent")
    put(net, "bandwidth")
    lost()
    net.wait("both directions wide", lambda: is_active(net) and net.links_of("c") == WIDE, 60)


def half_a_set_and_a_lie_are_undone(net):
    """A target that is not atomic, and one that says ok to what it did not do: both are found out."""
    for how in ("half", "lie", "exhausted"):
        seen = net.say_once(f"set r5 {how}", f"set r5 {how}")
        put(net, "delay")
        seen()
        net.wait(f"{how}: refused", lambda: net.policies()["c~"]["state"] == "failed", 30)
        check("router r5" in net.policies()["c~"]["reason"], net.policies()["c~"]["reason"])
        put(net, "bandwidth")
        net.wait(f"{how}: both directions wide", lambda: is_active(net) and net.links_of("c") == WIDE, 60)


def router_that_vanishes_in_a_set_is_read_first(net):
    """It made the Set and died: nobody knows. The other one is taken back; when it is there again both go."""
    old = net.both()
    dead = net.say_once("set r5 die", "set r5 die")
    put(net, "delay")
    dead()
    net.wait("r5 is away", lambda: not net.device("r5").get("connected"), 60)
    net.wait("r1 is taken back", lambda: not net.device("r1").get("busy") and net.ours()["r1"] == old[0], 60)
    net.target("serve r5")
    net.wait("both directions fast", lambda: is_active(net) and net.links_of("c") == FAST, 90)
    check(all(a != b for a, b in zip(old, net.both())), "a router was not changed")


def what_others_do_is_noticed_at_once(net):
    """No read-back by time within this test: the router tells (ON_CHANGE)."""
    mine = net.shown()[0][0]
    net.target(f"remove r5 {mine['color']} {mine['endpoint']}")
    net.wait("it is repaired", lambda: net.shown()[0] == [mine], 30)
    net.target(f"state r5 {mine['color']} {mine['endpoint']} down")
    net.wait("down is shown", lambda: net.policies()["c~"].get("oper-state") == "down", 30)
    net.target(f"state r5 {mine['color']} {mine['endpoint']} up")
    net.wait("up is shown", lambda: net.policies()["c~"].get("oper-state") == "up", 30)


def answers_of_every_cut_are_read(net):
    """Single leaves; NOT_FOUND for what is not there."""
    net.target("get r5 on leaves absent")
    put(net, "bandwidth")
    net.wait("both directions wide", lambda: is_active(net) and net.links_of("c") == WIDE, 60)
    equal(net.delete("c")[0], 204, "DELETE")
    net.wait("nothing is left", lambda: not any(net.both()), 30)
    put(net, "delay")
    net.wait("both directions fast", lambda: is_active(net), 60)


def faults_are_told_in_sentences(net):
    wanted = {"r2": "its certificate is refused", "r3": "refuses the user name or the password",
              "r4": "does not implement Get"}

    def text(r):
        return net.alarms().get((f"device/{r}", "unreachable"), {}).get("alarm-text", "")
    for r, words in wanted.items():
        net.wait(f"alarm of {r}", lambda r=r, words=words: words in text(r), 60)
        check(f"router {r}: " in text(r), text(r))


def others_policies_are_as_they_were(net):
    equal(net.delete("c")[0], 204, "DELETE")
    net.wait("nothing is left", lambda: not any(net.both()), 30)
    equal(net.shown(), ([], [THEIRS]), "r5")


def main():
    try:
        chain.require("grpc", grpc is not None, "python3-grpcio is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    return chain.run("gnmi-set", [
        admitted_together, refused_by_gnmi_is_taken_back_by_netconf, kill_9_keeps_them_together,
        set_without_an_answer_is_found_out, half_a_set_and_a_lie_are_undone, router_that_vanishes_in_a_set_is_read_first,
        what_others_do_is_noticed_at_once, answers_of_every_cut_are_read, faults_are_told_in_sentences,
        others_policies_are_as_they_were], kind=Mixed)


if __name__ == "__main__":
    sys.exit(main())
