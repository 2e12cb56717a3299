#!/usr/bin/env python3
"""A router that is changed by somebody: seen at once by its notification, shown field by field, repaired; only shown while
Karst observes."""
import sys

from chain import check, equal, run

DEMAND = {"from": "r1", "to": "r5", "objective": "delay"}


def drifts(net):
    return net.status().get("drift", [])


def start(net):
    net.put_good("a", **DEMAND)
    net.wait_state("a", "active")
    check(net.device("r1").get("notifies"), "r1 should tell of changes by itself")


def changed_router_is_repaired(net):
    before = net.ours()["r1"]
    net.order("tamper r1")
    seen = net.wait("a repaired drift", lambda: [d for d in drifts(net) if d.get("repaired")], 60)
    equal((seen[0]["device"], seen[0]["policy"]), ("r1", "a"), "what drifted")
    difference = seen[0]["difference"][0]
    check("weight" in difference["field"] and difference["router"] == "77", seen)
    net.wait("r1 holds what it held", lambda: net.ours()["r1"] == before, 30)
    check("77" in net.karst("policy", "drift"), "karst policy drift")
    moves = net.karst("policy", "history", "a", "-o", "json")["karst-policy:histories"]["history"][0]["move"]
    equal(moves[-1]["kind"], "repaired", "the last move")
    check("r1" in moves[-1]["cause"] and "77" in moves[-1]["text"], moves[-1])
    net.wait("no alarm", lambda: not any(t == "drift" for _, t in net.alarms()), 30)


def only_shown_while_observing(net):
    net.karst("mode", "observe")
    net.order("tamper r1")
    net.wait("an open drift", lambda: [d for d in drifts(net) if not d.get("repaired")], 60)
    alarm = net.alarms()[("device/r1", "drift")]
    check("77" in alarm["alarm-text"] and alarm["action"] and alarm["since"], alarm)
    told = net.wait("what r1 makes of its list", lambda: [
        s for s in net.policy_of("a").get("oper-segment-list", []) if not s["valid"]], 60)
    equal(told[0]["reason"], "tampered with", "why the list is not valid")
    check("tampered with" in net.karst("policy", "get", "a"), "karst policy get")
    net.karst("alarm", "ack", "device/r1", "drift")
    check(net.alarms()[("device/r1", "drift")]["acknowledged"], "acknowledged")
    net.karst("mode", "act")
    net.wait("repaired", lambda: all(d.get("repaired") for d in drifts(net)), 60)
    net.wait("active", lambda: net.policy_of("a")["state"] == "active", 30)
    equal(net.delete("a")[0], 204, "DELETE")
    net.wait("r1 holds nothing of Karst's", lambda: not any(net.ours().values()), 30)


if __name__ == "__main__":
    # Read-back comes once an hour: what is seen earlier was told by the router.
    sys.exit(run("drift", [start, changed_router_is_repaired, only_shown_while_observing],
                 extra_config={"southbound": {"read-back-s": 3600}}))
