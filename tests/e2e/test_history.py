#!/usr/bin/env python3
"""Every path that a policy had, with cause, reason and the time of each stage: in the API, on the command line, and after
a restart of karstd."""
import sys

from chain import check, equal, run

STAGES = ["detected-us", "computed-us", "stored-us", "sent-us", "prepared-us", "confirmed-us"]


def moves(net, policy):
    status, _, body = net.request("GET", f"/restconf/data/karst-policy:histories/history={policy}")
    equal(status, 200, f"GET history of {policy}: {body}")
    return body["karst-policy:histories"]["history"][0].get("move", [])


def complete(net, policy, count):
    def there():
        seen = moves(net, policy)
        return len(seen) == count and "confirmed-us" in seen[-1]["stage"] and seen
    return net.wait(f"{count} complete moves of {policy}", there, 30)


def placed_and_restored(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_path("a", ["r1--r3", "r3--r5"])
    net.say("cut r3--r5")
    net.wait_path("a", ["r1--r3", "r3--r4", "r4--r5"])
    made, moved = complete(net, "a", 2)
    equal((made["kind"], made["cause"]), ("placed", "intent made"), "first move")
    equal(moved["kind"], "restored", "second move")
    equal(moved["link-before"], ["r1--r3", "r3--r5"], "its path before")
    equal(moved["path"][0]["link"], ["r1--r3", "r3--r4", "r4--r5"], "its path afterwards")
    check("r3--r5" in moved["cause"] and "r3--r5" in moved["text"], moved)
    times = [int(moved["stage"][s]) for s in STAGES]
    equal(times, sorted(times), "stages in their order")


def on_the_command_line(net):
    lines = net.karst("policy", "history", "a").splitlines()
    equal(len(lines), 3, "lines with the head")
    check("confirmed" in lines[0].lower(), lines[0])
    check("restored" in lines[2] and "r1--r3 r3--r4 r4--r5" in lines[2] and "withdrawn" in lines[2], lines[2])
    status, _, _ = net.request("GET", "/restconf/data/karst-policy:histories/history=nobody")
    equal(status, 404, "history of a policy that is not there")


def kept_over_a_restart(net):
    before = complete(net, "a", 2)
    equal(net.karstd.stop(), 0, "status of karstd")
    net.start_karstd()
    net.wait_ready()
    equal(moves(net, "a"), before, "history after the restart")
    net.say("restore r3--r5")
    net.delete("a")
    net.wait("no policy", lambda: not net.policies(), 30)


if __name__ == "__main__":
    sys.exit(run("history", [placed_and_restored, on_the_command_line, kept_over_a_restart]))
