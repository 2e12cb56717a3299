#!/usr/bin/env python3
"""Real forwarding of lists that are more than a list: several by weight, a backup that the headend takes by itself, and
compressed SIDs in one container. Every packet is counted on every link.
"""
import lab
import test_csid
from lab import check, equal, sys

PACKETS = 4000


def equal_weights(net):
    """Three lists of one policy share the packets by their weights, within 5 %."""
    net.tell("probe 0")
    equal(shared(net, 1, "2000000000", "0.999"), [1, 1, 1], "weights")


def unequal_weights(net):
    check(len(set(shared(net, 2, "11000000000", "0.99"))) > 1, "different weights were asked for")


def shared(net, number, bps, guarantee):
    """Puts an intent with a guarantee, sends, compares; the weights."""
    address = net.serve("g", number, "r1", "r5", guarantee=guarantee, **{"bandwidth-bps": bps, "max-lists": 3})
    lists = net.policy_of("g")["candidate-path"][0]["segment-list"]
    check(len(lists) > 1, f"several lists were asked for: {lists}")
    total = sum(s["weight"] for s in lists)
    share = {}
    for s in lists:
        for link in s["link"]:
            share[link] = share.get(link, 0) + s["weight"] / total
    seen, became = net.crossed([net.flow("g", "r1", "r5", address, packets=PACKETS, flows=PACKETS)], pps=8000)
    equal(became["g"]["lost"], 0, "packets lost")
    equal(sorted(seen), sorted(share), "links crossed")
    for link, packets in sorted(seen.items()):
        print(f"   {link}: {packets / PACKETS:.3f}, by weight {share[link]:.3f}")
        check(abs(packets / PACKETS - share[link]) <= 0.05, f"{link} carried {packets} of {PACKETS}, not {share[link]:.3f}")
    net.delete("g")
    net.wait("it is gone", lambda: not net.policies(), 30)
    return [s["weight"] for s in lists]


def backup_is_taken_by_the_headend(net):
    """The primary path is cut silently: nobody tells Karst, the headend's probes do not come back, and it switches."""
    address = net.serve("pair", 2, "r1", "r5", objective="delay", constraints={"disjoint": "link"})
    policy = net.policy_of("pair")
    primary, backup = policy["candidate-path"]
    check(not set(primary["link"]) & set(backup["link"]), "the pair should be disjoint")
    net.takes("pair", "r1", "r5", address, primary["link"])
    net.tell("probe 50000")
    net.wait("probes come back", lambda: f"{policy['name']} up active {primary['preference']}" in net.tell("status"), 30)
    net.tell(f"cut {primary['link'][-1]} silent")
    net.wait("the headend took the backup", lambda: f"{policy['name']} up active {backup['preference']}" in net.tell("status"), 30)
    net.takes("pair", "r1", "r5", address, backup["link"], packets=3000, noise=600)
    equal(net.policy_of("pair")["candidate-path"][0]["link"], primary["link"], "what Karst computed meanwhile")


def headend_tells_karst(net):
    """With both paths cut silently the headend says down; healed, it says up, and the primary path carries again."""
    policy = net.policy_of("pair")
    primary, backup = policy["candidate-path"]
    net.tell(f"cut {backup['link'][-1]} silent")
    net.wait("Karst reads down", lambda: net.policy_of("pair").get("oper-state") == "down", 60)
    for path in (primary, backup):
        net.tell(f"heal {path['link'][-1]}")
    net.wait("Karst reads up", lambda: net.policy_of("pair").get("oper-state") == "up", 60)
    net.wait("the primary is back", lambda: f"{policy['name']} up active {primary['preference']}" in net.tell("status"), 30)
    net.tell("probe 0")
    net.takes("pair", "r1", "r5", net.customer("r5", 2)[1], primary["link"])


def containers(net):
    net.tell("probe 0")
    address = net.serve("a", 1, "r1", "r5", objective="availability")
    equal(test_csid.sids_of(net), [test_csid.CONTAINER], "the list")
    net.takes("a", "r1", "r5", address, ["r1--r2", "r2--r3", "r3--r5"])
    address = net.serve("b", 2, "r1", "r5", objective="bandwidth", **{"bandwidth-bps": "2000000000"})
    net.takes("b", "r1", "r5", address, ["r1--r2", "r2--r4", "r4--r5"])
    address = net.serve("second", 3, "r1", "r5", objective="availability", constraints={"avoid": {"link": ["r2--r3"]}})
    net.takes("second", "r1", "r5", address, ["r1--r2", "r2--r3--2", "r3--r5"])


def containers_are_probed(net):
    net.tell("probe 10000")
    net.tell("cut r2--r4 silent")
    net.wait("its policy is down", lambda: f"{net.policy_of('b')['name']} down" in net.tell("status"), 30)
    equal([w for w in net.tell("status").split() if "invalid" in w].__len__(), 1, "lists that are invalid")
    net.tell("heal r2--r4")
    net.wait("it is up", lambda: f"{net.policy_of('b')['name']} up" in net.tell("status"), 30)


if __name__ == "__main__":
    # What headends do by themselves: Karst makes nothing of what probes say.
    alone = {"southbound": {"read-back-s": 2}, "assurance": {"enabled": False}}
    sys.exit(lab.run("lists", [equal_weights, unequal_weights, backup_is_taken_by_the_headend, headend_tells_karst],
                     extra_config=alone) or
             lab.run("containers", [containers, containers_are_probed], topology=test_csid.compressed_triangle(),
                     extra_config=alone))
