#!/usr/bin/env python3
"""Both directions of an intent on two emulated routers: one that refuses its part keeps the other one as it was."""
import sys

import chain
from chain import check, equal

DEMAND = {"from": "r1", "to": "r5", "bidirectional": True, "bandwidth-bps": "10000000"}
FAST, WIDE = ["r1--r3", "r3--r5"], ["r1--r2", "r2--r4", "r4--r5"]


def both(net):
    held = net.ours()
    return held["r1"], held["r5"]


def is_active(net):
    policies = net.policies()
    return all(policies[n]["state"] == "active" for n in ("c", "c~"))


def admitted_together(net):
    net.put_good("c", **DEMAND, objective="delay")
    net.wait("the fast path", lambda: net.links_of("c") == FAST, 30)
    net.wait("both directions active", lambda: is_active(net), 30)
    check(all(both(net)), "a router holds nothing")


def refused_by_one_is_taken_back_by_both(net):
    before = both(net)
    net.order("fault r5 refuse-edit")
    net.put_good("c", **DEMAND, objective="bandwidth")
    net.wait("r5 refuses", lambda: net.policies()["c~"]["state"] == "failed", 30)
    net.wait("c waits", lambda: "the other headends" in net.policies()["c"].get("reason", ""), 30)
    net.wait("no transaction is open", lambda: not any(net.device(r).get("busy") for r in ("r1", "r5")), 30)
    equal(both(net), before, "routers after one of two refused")
    equal(net.links_of("c"), WIDE, "the path that waits")


def kill_9_keeps_them_together(net):
    """The router refuses once: after the restart both go, together."""
    before = both(net)
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    net.wait("both directions active", lambda: is_active(net), 60)
    check(all(a != b for a, b in zip(before, both(net))), "a router was not changed")
    equal(net.delete("c")[0], 204, "DELETE")
    net.wait("nothing is left", lambda: not any(both(net)), 30)


def turned(links):
    return ["--".join(reversed(link.split("--"))) for link in reversed(links)]


def corouted_directions_share_their_links(net):
    net.put_good("c", **DEMAND, objective="delay", **{"co-routed": True})
    net.wait("both directions active", lambda: is_active(net), 60)
    check(all(both(net)), "a router holds nothing")
    equal(net.links_of("c"), FAST, "the way there")
    equal(net.links_of("c~"), turned(FAST), "the way back")
    net.say("cut r3--r5")
    net.wait("another path", lambda: net.links_of("c") != FAST, 30)
    net.wait("the same way back", lambda: net.links_of("c~") == turned(net.links_of("c")), 30)
    net.wait("both directions active", lambda: is_active(net), 60)
    net.say("restore r3--r5")
    equal(net.delete("c")[0], 204, "DELETE")
    net.wait("nothing is left", lambda: not any(both(net)), 60)


def many(net, intents):
    status, _, reply = net.request("POST", "/restconf/operations/karst-intent:apply-intents",
                                   {"karst-intent:input": {"intent": intents}})
    return status, reply


def many_intents_are_one_request(net):
    """One that cannot be leaves nothing of the others, neither in the API nor on a router."""
    wanted = [{"id": "m%d" % i, "from": a, "to": b, "bandwidth-bps": "10000000"}
              for i, (a, b) in enumerate([("r1", "r5"), ("r5", "r1"), ("r5", "r2"), ("r1", "r4")])]
    status, reply = many(net, wanted + [dict(wanted[0], id="huge", **{"bandwidth-bps": "900000000000"})])
    equal(status, 409, "all or none")
    check("huge" in str(reply), f"the answer does not say which: {reply}")
    check(not any(i[0] == "m" for i in net.intents()), "an intent is left")
    equal(many(net, wanted)[0], 200, "all")
    net.wait("all are active", lambda: all(net.policies()["m%d" % i]["state"] == "active" for i in range(4)), 60)
    equal([len(net.ours()[r]) for r in ("r1", "r5")], [2, 2], "what the routers hold")


if __name__ == "__main__":
    sys.exit(chain.run("groups", [admitted_together, refused_by_one_is_taken_back_by_both, kill_9_keeps_them_together,
                                  corouted_directions_share_their_links, many_intents_are_one_request]))
