#!/usr/bin/env python3
"""A policy of somebody else is adopted: it becomes an intent with its path pinned; what cannot be pinned is refused by name."""
import sys

from chain import check, equal, run

PATH = ["r1--r2", "r2--r4", "r4--r5"]


def foreign(net, name):
    return [f for f in net.device("r1").get("foreign", []) if f.get("name") == name]


def somebody_has_a_policy(net):
    """What Karst put is called otherwise, and Karst forgets its intent: then it is somebody else's."""
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "igp", "constraints": {"via": ["r2", "r4"]}})
    net.wait_path("a", PATH, 60)
    net.order("rename r1 by-hand")
    net.wait("it is listed as of others", lambda: foreign(net, "by-hand"), 60)
    equal(net.delete("a")[0], 204, "DELETE")
    net.wait("no policy", lambda: not net.policies(), 60)
    check(foreign(net, "by-hand"), "it should be left alone")


def what_cannot_be_adopted_is_refused(net):
    status = net.karst("policy", "adopt", "r1", "nobody", ok=(2,))
    equal(status, "", "output")
    answer = net.request("POST", "/restconf/operations/karst-operations:adopt",
                         {"karst-operations:input": {"device": "r1", "policy": "operator-manual", "intent": "x"}})
    check(answer[0] >= 400 and "outside Karst's range" in str(answer[2]), answer)
    equal(net.policies(), {}, "policies")


def adopted(net):
    before = foreign(net, "by-hand")[0]
    net.karst("policy", "adopt", "r1", "by-hand", "-n", "--intent", "theirs")
    equal(net.policies(), {}, "policies after a dry run")
    net.karst("policy", "adopt", "r1", "by-hand", "--intent", "theirs")
    net.wait_path("theirs", PATH, 60)
    p = net.policy_of("theirs")
    equal((p["color"], p["endpoint"]), (before["color"], before["endpoint"]), "key of the policy")
    net.wait("it is nobody else's", lambda: not foreign(net, "by-hand"), 60)
    check(any(ours for ours, _ in net.held("r1")), "r1 holds it as Karst's")
    move = net.karst("policy", "history", "theirs", "-o", "json")["karst-policy:histories"]["history"][0]["move"][0]
    equal(move["kind"], "adopted", "history")


def pinned(net):
    net.say("cut r2--r4")
    net.wait("it has no other path", lambda: net.policy_of("theirs")["state"] == "failed", 60)
    net.say("restore r2--r4")
    net.wait_path("theirs", PATH, 60)
    equal(net.delete("theirs")[0], 204, "DELETE")
    net.wait("r1 holds nothing of Karst's", lambda: not any(net.ours().values()), 60)


if __name__ == "__main__":
    sys.exit(run("adopt", [somebody_has_a_policy, what_cannot_be_adopted_is_refused, adopted, pinned]))
