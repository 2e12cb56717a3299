#!/usr/bin/env python3
"""The mode advise against emulated routers: nothing is committed before somebody approves, by name, also over kill -9."""
import sys

import chain
from chain import check, equal

FAST = ["r1--r3", "r3--r5"]
ROUND = ["r1--r2", "r2--r3", "r3--r5"]
DEMAND = {"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"}


def changes(net):
    """The changes that wait, by number."""
    status, _, body = net.request("GET", "/restconf/data/karst-operations:operations/change")
    equal(status, 200, "GET the changes")
    return {c["id"]: c for c in body["karst-operations:change"]}


def one_change(net):
    net.wait("one change", lambda: len(changes(net)) == 1, 30)
    return next(iter(changes(net).values()))


def committed(net):
    return [l for _, l in net.routers.drain() if "commit" in l]


def restart(net):
    # Batches reach the disk in order, and an order is answered when it is there.
    net.karst("mode", "observe", "headend", "r4")
    net.karst("mode", "act", "headend", "r4")
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()


def start(net):
    net.put_good("fast", **DEMAND)
    net.wait_path("fast", FAST)
    net.wait_state("fast", "active")


def dead_path_waits_for_approval(net):
    before = net.ours()
    net.karst("mode", "advise")
    net.routers.drain()
    net.say("cut r1--r3")
    change = one_change(net)
    part = change["part"][0]
    equal((part["policy"], part["kind"], part["restores"]), ("fast", "move", True), "the part")
    equal(part["before"]["path"][0]["link"], FAST, "before")
    equal(part["after"]["path"][0]["link"], ROUND, "after")
    check(int(part["after"]["path"][0]["delay-us"]) > 0 and part["after"]["bandwidth-bps"] == "10000000", part)
    check(part["after"]["path"][0]["segment"], "no segments")
    net.wait("alarm", lambda: ("policy/fast", "unapproved") in net.alarms(), 10)
    check(f"change {change['id']} waits for approval" in net.policies()["fast"]["reason"], net.policies()["fast"])
    restart(net)
    net.wait("the alarm after the restart", lambda: ("policy/fast", "unapproved") in net.alarms(), 30)
    equal(one_change(net)["id"], change["id"], "the number after kill -9")
    equal(net.ours(), before, "routers before anybody approved")
    equal(committed(net), [], "commits before anybody approved")
    shown = net.karst("change", "show", change["id"])
    check("before, dead" in shown and "r2--r3" in shown, shown)
    check(change["id"] in net.karst("change"), net.karst("change"))
    net.karst("change", "approve", change["id"])
    net.wait_path("fast", ROUND)
    net.wait_state("fast", "active")
    equal(changes(net), {}, "changes after the approval")
    check(("policy/fast", "unapproved") not in net.alarms(), net.alarms())
    check("karst-operations:approve" in net.karst("audit"), net.karst("audit"))
    net.karst("change", "approve", change["id"], ok=(1, 2))
    net.karst("change", "approve", "seventeen", ok=(2,))


def new_intent_waits_for_approval(net):
    net.routers.drain()
    status, _, body = net.put("new", **DEMAND)
    equal(status, 201, f"PUT: {body}")
    change = one_change(net)
    equal(change["part"][0]["kind"], "deploy", "kind")
    check("before" not in change["part"][0], change)
    equal(net.intents()["new"]["state"], "admitted", "state")
    restart(net)
    equal(one_change(net)["id"], change["id"], "the number after kill -9")
    equal(committed(net), [], "commits before anybody approved")
    net.karst("change", "reject", change["id"])
    check("was rejected by" in net.policies()["new"]["reason"], net.policies()["new"])
    equal(one_change(net)["state"], "rejected", "state of the change")
    net.karst("change", "approve", change["id"])
    net.wait_state("new", "active")


def drain_is_one_change(net):
    net.karst("drain", "link", "r2--r3")
    change = one_change(net)
    equal([p["policy"] for p in change["part"]], ["fast", "new"], "parts")
    check(not any(p["restores"] for p in change["part"]), change)
    equal(net.links_of("fast"), ROUND, "path before the approval")
    net.karst("change", "approve", change["id"])
    net.wait("both moved", lambda: all("r2--r3" not in net.links_of(n) for n in ("fast", "new")), 30)
    net.wait_state("fast", "active")
    net.wait_state("new", "active")
    net.karst("undrain", "link", "r2--r3")
    net.karst("mode", "act")
    equal(changes(net), {}, "changes in the mode act")


if __name__ == "__main__":
    sys.exit(chain.run("advise", [start, dead_path_waits_for_approval, new_intent_waits_for_approval,
                                   drain_is_one_change]))
