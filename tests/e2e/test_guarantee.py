#!/usr/bin/env python3
"""A guarantee from end to end: several weighted lists on one router, each with its own booking; one that falls leaves the
others, and comes back; a restart changes nothing.
"""
import sys

import chain
from chain import check, equal

ASKED = {"from": "r1", "to": "r5", "bandwidth-bps": "2000000000", "guarantee": "0.999", "max-lists": 3}


def lists(net):
    """(weight, links, reserved) of the policy's lists; there is one candidate path."""
    paths = net.policy_of("g")["candidate-path"]
    equal(len(paths), 1, "candidate paths")
    return [(s["weight"], s.get("link"), s.get("reserved-bps")) for s in paths[0]["segment-list"]]


def weighted_lists_are_pushed(net):
    net.put_good("g", **ASKED)
    net.wait_state("g", "active")
    shares = lists(net)
    equal([weight for weight, _, _ in shares], [1, 1, 1], "weights")
    equal([bps for _, _, bps in shares], ["1000000000"] * 3, "what each list books")
    equal(shares[0][1], ["r1--r2", "r2--r3", "r3--r5"], "the first way")
    held = [b for ours, b in net.held("r1") if ours]
    equal([b.count(b"segment-list>") // 2 for b in held], [3], "lists on the router")
    shown = net.karst("policy", "get", "g")
    for word in ("share-1", "share-3", "r1 > r2 > r4 > r5"):
        check(word in shown, f"{word} is not shown: {shown}")


def what_lists_share_adds_up(net):
    """All three lists leave r1 for r2, so that 3 of its 10 Gbit/s are booked, and 8 more do not fit."""
    status, _, body = net.put("more", "?dry-run", **{"from": "r1", "to": "r2", "bandwidth-bps": "8000000000"})
    check(status == 409, f"8 Gbit/s beside 3 on r1--r2: {status} {body}")
    status, _, body = net.put("more", "?dry-run", **{"from": "r1", "to": "r2", "bandwidth-bps": "7000000000"})
    check(status == 200, f"7 Gbit/s beside 3 on r1--r2: {status} {body}")


def restart_keeps_every_share(net):
    before = lists(net)
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    net.wait_state("g", "active")
    equal(lists(net), before, "lists after the restart")


def fallen_list_leaves_the_others(net):
    net.say("cut r2--r4")
    net.wait("the intent degraded", lambda: net.intents()["g"]["state"] == "degraded", 30)
    left = lists(net)
    check(0 < len(left) < 3 and all("r2--r4" not in links for _, links, _ in left), f"lists without r2--r4: {left}")
    net.say("restore r2--r4")
    net.wait("three lists again", lambda: len(lists(net)) == 3 and net.intents()["g"]["state"] == "active", 30)


STEPS = [weighted_lists_are_pushed, what_lists_share_adds_up, restart_keeps_every_share, fallen_list_leaves_the_others]

if __name__ == "__main__":
    sys.exit(chain.run("guarantee", STEPS))
