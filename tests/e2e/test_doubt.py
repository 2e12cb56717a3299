#!/usr/bin/env python3
"""A BGP-LS feed that contradicts what gNMI tells of the interfaces: one fibre is an alarm, several freeze changes."""
import sys

import chain
from chain import check, equal, error_of
from test_telemetry import FAST, Measured, every_router_streams, grpc

HOLD_S = 4


class Doubted(Measured):
    more_config = {"guard": {"contradiction": {"hold-s": HOLD_S, "least-fibres": 2, "fibres-percent": 10}}}


def contradicted(net):
    return sorted(o for o, cause in net.alarms() if cause == "contradicted")


def frozen(net):
    return net.alarms().get(("karst", "frozen"), {}).get("alarm-text")


def measured_everywhere(net):
    every_router_streams(net)
    net.put_good("slow", **{"from": "r1", "to": "r4", "objective": "delay", "bandwidth-bps": "1000000"})
    net.wait("links seen up", lambda: len([l for l in net.measured().get("link", []) if l.get("oper-down") is False]) == 8, 60)
    equal(contradicted(net), [], "contradictions of a feed that tells the truth")


def one_fibre_gone_but_up_is_an_alarm(net):
    net.say("cut r3--r5")
    net.wait("fast elsewhere", lambda: "r3--r5" not in net.links_of("fast"), 30)
    net.wait("an alarm", lambda: contradicted(net), 60)
    equal(len(contradicted(net)), 1, f"alarms: {net.alarms()}")
    check(contradicted(net)[0] in ("link/r3--r5", "link/r5--r3"), contradicted(net))
    alarm = net.alarms()[(contradicted(net)[0], "contradicted")]
    check("does not have it any more" in alarm["alarm-text"] and alarm.get("action"), alarm)
    check(frozen(net) is None, f"one fibre froze: {frozen(net)}")
    net.say("restore r3--r5")
    net.wait("no alarm", lambda: not contradicted(net), 60)
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "2000000"})
    net.wait_path("fast", FAST, 60)


def one_fibre_there_but_down_is_an_alarm(net):
    net.target("oper r3 r3--r5 DOWN")
    net.wait("an alarm", lambda: contradicted(net), 60)
    alarm = net.alarms()[(contradicted(net)[0], "contradicted")]
    check("an end says that it is down" in alarm["alarm-text"], alarm)
    check(frozen(net) is None, f"one fibre froze: {frozen(net)}")
    net.target("oper r3 r3--r5 UP")
    net.wait("no alarm", lambda: not contradicted(net), 60)
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "3000000"})
    net.wait_path("fast", FAST, 60)


def several_freeze_before_more_is_done(net):
    for link in ("r1--r3", "r3--r5"):
        net.say(f"cut {link}")
    net.wait("frozen", lambda: frozen(net), 60)
    check("contradict each other on 2 of" in frozen(net) and "r1--r3" in frozen(net), frozen(net))
    net.wait("settled", lambda: not any(d.get("busy") for d in net.status()["device"]), 60)
    before = net.ours()
    status, _, body = net.put("meanwhile", **{"from": "r1", "to": "r4", "objective": "delay"})
    equal((status, error_of(body)["error-app-tag"]), (409, "frozen"), f"an intent while frozen: {body}")
    net.say("cut r2--r4")  # what slow goes over
    net.wait("what would be done", lambda: "slow would" in frozen(net), 60)
    equal(net.ours(), before, "routers while changes are frozen")
    equal(net.links_of("slow"), ["r1--r2", "r2--r4"], "slow while changes are frozen")


def resumed_by_a_person_it_goes_on(net):
    net.karst("resume")
    check(frozen(net) is None, frozen(net))
    net.wait("slow elsewhere, or without a path", lambda: net.links_of("slow") != ["r1--r2", "r2--r4"] or
             net.policy_of("slow")["state"] == "failed", 60)
    net.wait("still told", lambda: len(contradicted(net)) >= 2, 60)
    check(frozen(net) is None, f"it froze again: {frozen(net)}")
    for link in ("r1--r3", "r3--r5", "r2--r4"):
        net.say(f"restore {link}")
    net.wait("no alarm", lambda: not contradicted(net), 60)
    net.wait("all whole", lambda: all(p["state"] == "active" for p in net.policies().values()), 60)


def main():
    try:
        chain.require("grpc", grpc is not None, "python3-grpcio is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    return chain.run("doubt", [measured_everywhere, one_fibre_gone_but_up_is_an_alarm, one_fibre_there_but_down_is_an_alarm,
                               several_freeze_before_more_is_done, resumed_by_a_person_it_goes_on], kind=Doubted)


if __name__ == "__main__":
    sys.exit(main())
