#!/usr/bin/env python3
"""A better path returns: the policy goes back by hand at once, and by itself after the hold, with the gain shown."""
import sys
import time

from chain import check, equal, run

FAST = ["r1--r3", "r3--r5"]
SLOW = ["r1--r3", "r3--r4", "r4--r5"]
HOLD_S = 6


def last_move(net):
    _, _, body = net.request("GET", "/restconf/data/karst-policy:histories/history=a")
    return body["karst-policy:histories"]["history"][0]["move"][-1]


def away(net):
    net.say("cut r3--r5")
    net.wait_path("a", SLOW, 30)
    net.say("restore r3--r5")


def goes_back_by_itself(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_path("a", FAST)
    away(net)
    net.wait_path("a", FAST, 60)
    move = net.wait("a re-optimised move", lambda: last_move(net)["kind"] == "re-optimised" and last_move(net), 30)
    check(move["gain"]["measure"] == "delay-us" and int(move["gain"]["after"]) < int(move["gain"]["before"]), move)
    equal(move["cause"], "re-optimised", "cause")
    check("better" in move["text"], move)


def goes_back_by_hand(net):
    away(net)
    net.wait("a gain", lambda: "a " in net.karst("reoptimise", "-n"), 30)
    told = net.karst("reoptimise", "-n", "-o", "json")["karst-operations:output"]["policy"][0]
    equal((told["id"], told["link-before"], told["link-after"]), ("a", SLOW, FAST), "dry run")
    net.karst("reoptimise", "--intent", "a")
    net.wait_path("a", FAST, 30)
    net.karst("reoptimise", "--intent", "nobody", ok=(2,))


def observes_only(net):
    away(net)
    net.karst("mode", "observe")
    net.karst("reoptimise", ok=(1,))
    # Longer than the hold, and the hold is counted from what the daemon saw.
    net.wait("a gain", lambda: "a " in net.karst("reoptimise", "-n"), 30)
    time.sleep(HOLD_S + 2)
    equal(net.links_of("a"), SLOW, "path while observing")
    net.karst("mode", "act")
    net.wait_path("a", FAST, 60)
    equal(net.delete("a")[0], 204, "DELETE")
    net.wait("no policy", lambda: not net.policies(), 30)


if __name__ == "__main__":
    sys.exit(run("reoptimise", [goes_back_by_itself, goes_back_by_hand, observes_only],
                 extra_config={"reoptimise": {"hold-s": HOLD_S, "pause-s": 1, "gain-delay-us": "1"},
                               "damping": {"enabled": False}, "guard": {"enabled": False}}))
