#!/usr/bin/env python3
"""A link that flaps: held down for new paths, shown with penalty and time, over a restart, until it was quiet."""
import sys

from chain import check, equal, run

FAST = ["r1--r3", "r3--r5"]
SLOW = ["r1--r3", "r3--r4", "r4--r5"]


def damped(net):
    return {d["link"]: d for d in net.status().get("damped", [])}


def entry(net):
    """The one fibre that flapped, by the name of either direction."""
    return next((d for d in damped(net).values() if "r3--r5" in (d["link"], d.get("reverse"))), None)


def up(net, there):
    status, _, body = net.request("GET", "/restconf/data/karst-topology:topology/link=r3--r5")
    return status == 200 and (body["karst-topology:link"][0].get("state", "up") == "up") == there


def flap(net):
    net.say("cut r3--r5")
    net.wait("r3--r5 is down", lambda: up(net, False), 30)
    net.say("restore r3--r5")
    net.wait("r3--r5 is up", lambda: up(net, True), 30)


def held_down_after_some_losses(net):
    flap(net)
    equal(net.wait("a penalty", lambda: entry(net), 30)["state"], "penalised", "after one loss")
    flap(net)
    flap(net)
    seen = net.wait("held down", lambda: (entry(net) or {}).get("state") == "held-down" and entry(net), 30)
    check(seen["up"] and seen["losses"] == 3 and seen["until"] > seen["since"], seen)
    alarm = next((a for (o, t), a in net.alarms().items() if t == "flapping"), None)
    check(alarm and alarm["action"] and "held down" in alarm["alarm-text"], alarm)
    table = net.karst("link", "damped")
    check("held-down" in table and "r3" in table, table)


def new_paths_avoid_it(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_path("a", SLOW)


def held_over_a_restart(net):
    equal(net.karstd.stop(), 0, "status of karstd")
    net.start_karstd()
    net.wait_ready()
    equal(net.wait("damped", lambda: entry(net), 30)["state"], "held-down", "after the restart")
    net.wait("the alarm again", lambda: any(t == "flapping" for _, t in net.alarms()), 30)
    net.wait_path("a", SLOW)


def let_go_when_quiet(net):
    net.wait("let go", lambda: (entry(net) or {"state": "forgotten"})["state"] != "held-down", 60)
    check(not any(t == "flapping" for _, t in net.alarms()), net.alarms())
    net.put_good("b", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_path("b", FAST)
    for intent in ("a", "b"):
        equal(net.delete(intent)[0], 204, "DELETE")
    net.wait("no policy", lambda: not net.policies(), 30)


if __name__ == "__main__":
    # The hold is longer than a slow machine takes for three losses and the steps after them.
    sys.exit(run("damping", [held_down_after_some_losses, new_paths_avoid_it, held_over_a_restart, let_go_when_quiet],
                 extra_config={"damping": {"suppress": 1500, "reuse": 1000, "half-life-s": 10, "max-hold-s": 60},
                               "guard": {"enabled": False}}))
