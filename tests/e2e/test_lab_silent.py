#!/usr/bin/env python3
"""Silent failures on the lab: a fibre loses every packet and nobody says so. Headends' probes tell, Karst finds the fibre, moves
what crosses it, and uses it again when it has been good for long enough. Real packets before, while and after.
"""
import lab
from lab import check, equal, sys

CONFIG = {"southbound": {"read-back-s": 2}, "assurance": {"hold-s": 5, "max-hold-s": 20}, "reoptimise": {"hold-s": 5, "pause-s": 1}}


def suspects(net):
    return {s["link"]: s for s in net.karst("link", "suspects", "-o", "json")["karst-operations:operations"].get("suspect", [])}


def alarms(net):
    return {a["object"]: a for a in net.karst("status", "-o", "json")["karst-operations:operations"].get("alarm", [])
            if a["type"] == "silent-loss"}


def probed(net, intent):
    name = net.policy_of(intent)["name"]
    net.wait("probes come back", lambda: f"{name} up" in net.tell("status"), 60)


def silent_cut_is_left(net):
    """Nothing else is probed: every fibre of the path is possible, and all of them are left at once."""
    address = net.serve("fast", 1, "r1", "r5", objective="delay")
    equal(net.links_of("fast"), ["r1--r3", "r3--r5"], "the path")
    probed(net, "fast")
    net.tell("cut r3--r5 silent")
    net.wait("it left the fibre", lambda: net.policy_of("fast")["state"] == "active" and "r3--r5" not in net.links_of("fast"), 60)
    found = suspects(net)
    check("r3--r5" in found and found["r3--r5"]["avoided"], f"suspects: {found}")
    check("link/r3--r5" in alarms(net), f"alarms: {alarms(net)}")
    shown = net.karst("link", "suspects")
    check("r3--r5" in shown and "fast" in shown, shown)
    net.tell("probe 0")
    net.takes("fast", "r1", "r5", address)
    net.tell("probe 10000")


def link_is_used_again(net):
    """Good again, and forgotten in time: the policy goes back to its best path, and stays there."""
    net.tell("heal r3--r5")
    net.wait("nothing is suspected", lambda: not suspects(net) and not alarms(net), 120)
    net.wait("it is back", lambda: net.links_of("fast") == ["r1--r3", "r3--r5"] and net.policy_of("fast")["state"] == "active", 120)
    probed(net, "fast")


def crossing_list_names_it(net):
    """Another list crosses half of the path and works: what is left is the very fibre."""
    net.serve("near", 2, "r1", "r3", objective="delay")
    equal(net.links_of("near"), ["r1--r3"], "the path of the other")
    probed(net, "near")
    net.tell("cut r3--r5 silent")
    net.wait("it is named", lambda: {l: s["state"] for l, s in suspects(net).items() if s["state"] != "beside"} == {"r3--r5": "named"}, 60)
    net.wait("it left the fibre", lambda: net.policy_of("fast")["state"] == "active" and "r3--r5" not in net.links_of("fast"), 60)
    equal(net.links_of("near"), ["r1--r3"], "who works stays")
    equal(alarms(net)["link/r3--r5"]["severity"], "major", "severity")
    net.tell("heal r3--r5")
    net.wait("nothing is suspected", lambda: not suspects(net), 120)


if __name__ == "__main__":
    sys.exit(lab.run("silent", [silent_cut_is_left, link_is_used_again, crossing_list_names_it], extra_config=CONFIG))
