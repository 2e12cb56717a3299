#!/usr/bin/env python3
"""Routers that refuse, lie, close or keep karstd waiting: what is shown meanwhile, that it recovers, and that nothing of
others is touched. Every fault is an order to the emulated router r1.
"""
import sys
import time

import chain
from chain import check, equal

DEMAND = {"from": "r1", "to": "r5", "objective": "delay"}
number = [0]


def change(net):
    """A change of the one intent that makes another list for r1: the path goes the other way round."""
    number[0] += 1
    objective = "bandwidth" if number[0] % 2 else "delay"
    net.put_good("a", **{**DEMAND, "objective": objective, "bandwidth-bps": str(1000000 * number[0])})
    return ["r1--r2", "r2--r4", "r4--r5"] if objective == "bandwidth" else ["r1--r3", "r3--r5"]


def sids_of(net):
    return [s["sid"].encode() for s in net.policy_of("a")["candidate-path"][0]["segment-list"][0]["segment"]]


def held_well(net):
    """r1 holds exactly what karstd shows, and karstd says active."""
    p = net.policy_of("a")
    ours = [b for own, b in net.held("r1") if own]
    return p["state"] == "active" and len(ours) == 1 and all(s in ours[0] for s in sids_of(net)) and \
        ours[0].count(b"<ns0:sid>") == len(sids_of(net)) and b"77" not in weights(ours[0])


def weights(policy):
    return [w.text.encode() for w in chain.ET.fromstring(policy).iter(chain.NS + "weight")]


def shown(net):
    """Everything that a user sees of the router and of the policy."""
    p, d = net.policy_of("a"), net.device("r1")
    return f"{p['state']} {p.get('reason', '')} | {'connected' if d.get('connected') else 'away'} {d.get('text', '')}"


def see(net, words, seconds=10):
    """Waits until the user sees all these words."""
    last = [""]

    def there():
        last[0] = shown(net)
        return all(w in last[0] for w in words)
    try:
        net.wait(f"{words} shown", there, seconds, poll=0.05)
    except chain.emulation.Fault as fault:
        raise chain.emulation.Fault(f"{fault}; shown is {last[0]!r}")
    print(f"   shown: {last[0]}")


def recovers(net, links, seconds=20):
    net.wait_path("a", links, seconds)
    net.wait("r1 holds what is shown", lambda: held_well(net), 10)


def start(net):
    net.put_good("a", **DEMAND)
    recovers(net, ["r1--r3", "r3--r5"])


def once(net, fault):
    """A fault that happens once: it recovers by itself."""
    net.order(f"fault r1 {fault}")
    recovers(net, change(net), 30)
    net.wait("connected", lambda: net.device("r1").get("connected"), 20)


def close_before_commit(net):
    once(net, "close-before-commit")


def close_after_commit(net):
    once(net, "close-after-commit")


def nonsense(net):
    once(net, "nonsense")


def refused(net, fault, words):
    """The reason is shown, the router holds what it held, and another change is tried at once."""
    before = net.ours()
    net.order(f"fault r1 {fault}")
    change(net)
    see(net, words)
    equal(net.policy_of("a")["state"], "failed", "state")
    equal(net.intents()["a"]["state"], "failed", "state of the intent")
    net.wait("r1 holds what it held", lambda: net.ours() == before, 10)
    check(words[0] in net.karst("policy", "list"), "karst policy list should tell the reason")
    number[0] += 1  # back to the objective that it had, with another bandwidth, is the next but one
    change(net)
    recovers(net, change(net))


def alter(net):
    refused(net, "alter", ["not what was asked for"])


def refuse_edit(net):
    refused(net, "refuse-edit", ["refused by order"])


def late(net):
    net.order("fault r1 late 300")
    recovers(net, change(net), 30)
    net.order("fault r1 none")
    net.order("fault r1 late 6000")  # longer than rpc-timeout-s
    links = change(net)
    see(net, ["r1"], 15)
    net.wait("not active while it is late", lambda: net.policy_of("a")["state"] != "active", 10)
    net.order("fault r1 none")
    recovers(net, links, 40)


def lock_of_another_session(net):
    net.order("lock r1")
    links = change(net)
    see(net, ["4242", "lock"])
    check(net.policy_of("a")["state"] != "active", shown(net))
    equal(net.karst("policy", "list").count("4242"), 1, "lines of karst policy list that name the session")
    check("4242" in net.karst("status"), "karst status should name the session")
    net.order("unlock r1")
    recovers(net, links, 40)


def dirty_candidate(net):
    net.order("dirty r1")
    candidate = net.order("show r1 candidate")
    links = change(net)
    see(net, ["candidate"])
    time.sleep(2)
    equal(net.order("show r1 candidate"), candidate, "somebody's uncommitted candidate")
    net.order("clean r1")
    recovers(net, links, 40)


def killed_session(net):
    net.order("kill r1")
    recovers(net, change(net), 30)


def deleted_at_last(net):
    equal(net.delete("a")[0], 204, "DELETE")
    net.wait("r1 holds nothing of Karst's", lambda: not any(net.ours().values()) and not net.policies(), 15)


STEPS = [start, close_before_commit, close_after_commit, nonsense, alter, refuse_edit, late, lock_of_another_session,
         dirty_candidate, killed_session, deleted_at_last]

if __name__ == "__main__":
    sys.exit(chain.run("routers", STEPS, extra_config={"southbound": {"rpc-timeout-s": 3, "confirm-timeout-s": 10}}))
