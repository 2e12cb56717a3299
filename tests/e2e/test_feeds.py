#!/usr/bin/env python3
"""Feeds that die, lie by halves, or agree: two BGP-LS peers announce the same network to a running karstd."""
import sys
import time

import chain
from chain import check, emulation, equal, error_of

FAST = ["r1--r3", "r3--r5"]
STALE_S = 3


class TwoFeeds(chain.Chain):
    """As a chain, with a second speaker that says the same."""

    second = None

    def __init__(self, name, **options):
        super().__init__(name, **options)
        self.second_port = emulation.free_port()

    def speakers(self):
        return {"lab": (self.speaker, "127.0.0.2", self.bgp_port), "lab2": (self.second, "127.0.0.3", self.second_port)}

    def start_one(self, address, port):
        speaker = emulation.Program([self.program("karst-lab-speaker"), "--topology", self.topology, "--listen",
                                     f"{address}:{port}", "--peer", "127.0.0.1", "--asn", "65000"],
                                    self.path(f"speaker-{address}.log"), self.env)
        speaker.expect(lambda l: l.startswith("ready"), 60)
        return speaker

    def start_speaker(self):
        self.speaker = self.start_one("127.0.0.2", self.bgp_port)
        self.second = self.start_one("127.0.0.3", self.second_port)

    def write_config(self):
        peers = [{"name": name, "address": address, "port": port, "local-address": "127.0.0.1", "asn": 65000,
                  "stale-time-s": STALE_S} for name, (_, address, port) in self.speakers().items()]
        self.extra_config = {"bgp": {"asn": 65000, "router-id": "127.0.0.1", "peer": peers}}
        super().write_config()

    def is_ready(self):
        return len([f for f in self.status().get("feed", []) if f["name"].startswith("lab")]) == 2 and super().is_ready()

    def tell(self, speaker, line):
        speaker.drain()
        speaker.tell(line)
        _, answer = speaker.expect(lambda l: " ".join(line.split()[:2]) in l or " error " in l, 5)
        check(" error " not in answer, answer)

    def both(self, line):
        for speaker in (self.speaker, self.second):
            self.tell(speaker, line)

    def stop(self):
        second, self.second = self.second, None
        status = super().stop()
        if second:
            second.stop()
        return status


def link_of(net, name):
    """What karstd shows of a link."""
    status, _, body = net.request("GET", f"/restconf/data/karst-topology:topology/link={name}")
    equal(status, 200, f"GET link {name}")
    return body["karst-topology:link"][0]


def generation(net):
    return {n: (p["generation"], p["state"]) for n, p in net.policies().items()}


def start(net):
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"})
    net.put_good("back", **{"from": "r5", "to": "r1", "objective": "delay", "bandwidth-bps": "10000000"})
    net.put_good("wide", **{"from": "r1", "to": "r4", "objective": "bandwidth", "bandwidth-bps": "10000000"})
    net.wait_path("fast", FAST)
    net.wait_path("back", ["r5--r3", "r3--r1"])
    net.wait_path("wide", ["r1--r2", "r2--r4"])


def withdrawn_by_one_of_two_stays(net):
    before = net.ours()
    net.tell(net.speaker, "cut r1--r3")
    time.sleep(1)
    equal((net.ours(), net.links_of("fast")), (before, FAST), "after one of two peers withdrew a link")
    net.tell(net.second, "cut r1--r3")
    net.wait_path("fast", ["r1--r2", "r2--r3", "r3--r5"])
    net.wait_path("back", ["r5--r3", "r3--r2", "r2--r1"])
    net.tell(net.second, "restore r1--r3")  # one peer is enough to have it back
    net.put_good("fast2", **{"from": "r1", "to": "r5", "objective": "delay"})
    end = time.monotonic() + 5
    while net.links_of("fast2") != FAST and time.monotonic() < end:
        time.sleep(0.1)
        net.put_good("fast2", **{"from": "r1", "to": "r5", "objective": "delay", "description": str(time.monotonic())})
    equal(net.links_of("fast2"), FAST, "a path after one peer told of the link again")
    net.tell(net.speaker, "restore r1--r3")
    equal(net.delete("fast2")[0], 204, "DELETE")


def fastest_again(net, bps):
    """Nobody moves only because a better path returned; a change of the intent finds it."""
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": bps})
    net.put_good("back", **{"from": "r5", "to": "r1", "objective": "delay", "bandwidth-bps": bps})
    net.wait_path("fast", FAST)
    net.wait_path("back", ["r5--r3", "r3--r1"])


def half_a_link_is_no_link(net):
    """One direction withdrawn: no path uses either."""
    fastest_again(net, "11000000")
    net.both("half r1--r3")
    net.wait_path("fast", ["r1--r2", "r2--r3", "r3--r5"])
    net.wait_path("back", ["r5--r3", "r3--r2", "r2--r1"])
    net.both("restore r1--r3")
    time.sleep(0.3)
    fastest_again(net, "12000000")


def metric_elsewhere_recomputes_who_is_led_astray(net):
    """The list of a path that is not the IGP's own may stop working when a link off the path gets shorter."""
    status, _, body = net.put("astray", **{"from": "r1", "to": "r5", "objective": "bandwidth", "bandwidth-bps": "2000000000"})
    equal(status, 201, f"PUT astray: {body}")
    net.wait_path("astray", ["r1--r2", "r2--r4", "r4--r5"])
    before = {n: p for n, p in net.policies().items()}
    # r4 to r5 direct costs 10; over r3 it becomes 2: r5's End SID would now lead over r3.
    for link in ("r4--r3", "r3--r5"):
        net.both(f"metric {link} 1")
    net.wait("settled", lambda: all(p["state"] == "active" for p in net.policies().values()), 15)
    time.sleep(0.5)
    after = net.policies()
    equal(after["astray"]["candidate-path"][0]["link"], ["r1--r2", "r2--r4", "r4--r5"], "the widest path")
    check(after["astray"]["candidate-path"][0]["segment-list"] != before["astray"]["candidate-path"][0]["segment-list"],
          "the list does not forward along the path any more and should have been made anew")
    held = b"".join(b for b in net.ours()["r1"])
    for segment in after["astray"]["candidate-path"][0]["segment-list"][0]["segment"]:
        check(segment["sid"].encode() in held, f"r1 does not hold {segment['sid']}")
    for name in ("fast", "back", "wide"):
        same = (before[name]["candidate-path"][0]["link"] == after[name]["candidate-path"][0]["link"])
        check(same, f"{name} moved: {after[name]['candidate-path'][0]}")
    for link in ("r4--r3", "r3--r5"):
        net.both(f"metric {link} 10")
    net.wait("settled", lambda: all(p["state"] == "active" for p in net.policies().values()), 15)


def all_feeds_lost_moves_nothing(net):
    time.sleep(0.5)
    before, policies = net.ours(), {n: p["candidate-path"] for n, p in net.policies().items()}
    for speaker in (net.speaker, net.second):
        speaker.kill()
    net.speaker = net.second = None
    net.wait("both feeds down", lambda: not any(net.feed(n).get("up") for n in ("lab", "lab2")), 10)
    check(("feed/lab", "lost") in net.alarms() and ("feed/lab2", "lost") in net.alarms(), f"alarms: {net.alarms()}")
    status, _, body = net.put("while-frozen", **{"from": "r1", "to": "r5", "objective": "delay"})
    equal((status, error_of(body)["error-app-tag"]), (409, "frozen"), f"an intent while changes are frozen: {body}")
    check(("karst", "frozen") in net.alarms(), f"alarms: {net.alarms()}")
    net.karst("alarm", "ack", "karst", "frozen")
    check(net.alarms()[("karst", "frozen")]["acknowledged"], "not acknowledged")
    check("karst resume" in net.karst("alarm") and "the last feed" in net.karst("status"), net.karst("alarm"))
    net.karst("alarm", "ack", "karst", "thawed", ok=(2,))
    check("the last feed, lab2, was lost" in net.karst("mode") or "the last feed, lab, was lost" in net.karst("mode"),
          net.karst("mode"))
    net.karst("resume")
    check(("karst", "frozen") not in net.alarms(), f"alarms: {net.alarms()}")
    net.put_good("while-stale", **{"from": "r1", "to": "r5", "objective": "delay"})  # the routes still stand
    equal(net.delete("while-stale")[0], 204, "DELETE")
    time.sleep(STALE_S + 1)
    status, _, body = net.put("new", **{"from": "r1", "to": "r5", "objective": "delay"})
    equal(status, 409, f"an intent over links that are unknown: {body}")
    check("every feed that told of it was lost" in error_of(body)["error-message"], body)
    check(net.intents().get("new") is None, "the refused intent is there")
    net.wait("routers unchanged", lambda: net.ours() == before, 10)
    equal({n: p["candidate-path"] for n, p in net.policies().items()}, policies, "policies after all feeds were lost")
    for p in net.policies().values():
        check(p["state"] in ("active", "degraded"), f"{p['id']} is {p['state']}: {p.get('reason')}")


def back_to_normal(net):
    before = net.ours()
    net.start_speaker()
    net.wait_ready()
    net.put_good("new", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_path("new", FAST)
    net.wait("all active", lambda: all(p["state"] == "active" for p in net.policies().values()), 10)
    check(not [a for a in net.alarms() if a[1] == "lost"], f"alarms: {net.alarms()}")
    for router, policies in before.items():
        check(set(policies) <= set(net.ours()[router]), f"{router} lost or changed a policy")


def restart_during_a_cut(net):
    """The withdrawal was before the restart: the file must not bring the link back."""
    net.both("cut r1--r3")
    net.wait_path("fast", ["r1--r2", "r2--r3", "r3--r5"])
    net.wait("settled", lambda: all(p["state"] == "active" for p in net.policies().values()), 10)
    before = net.ours()
    net.karstd.kill()
    net.routers.drain()
    net.start_karstd()
    net.wait_ready()
    time.sleep(1)
    equal(net.links_of("fast"), ["r1--r2", "r2--r3", "r3--r5"], "path after a restart during a cut")
    equal(net.ours(), before, "routers after a restart during a cut")
    equal([l for _, l in net.routers.drain() if "commit" in l], [], "commits after a restart")


def failed_intent_has_an_alarm_that_survives(net):
    """Raised with what to do, acknowledged, the same after kill -9, cleared when the intent is whole."""
    key = ("intent/fast", "without-path")
    for link in ("r3--r5", "r4--r5"):
        net.both(f"cut {link}")
    net.wait("an alarm", lambda: key in net.alarms(), 60)
    alarm = net.alarms()[key]
    check("is not served" in alarm["alarm-text"] and alarm["action"] and not alarm["acknowledged"], alarm)
    check("intent/fast" in net.karst("alarm"), net.karst("alarm"))
    net.karst("alarm", "ack", *key)
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    net.wait("the alarm again", lambda: key in net.alarms(), 60)
    again = net.alarms()[key]
    equal((again["acknowledged"], again["since"]), (True, alarm["since"]), "what was seen before the restart")
    for link in ("r3--r5", "r4--r5"):
        net.both(f"restore {link}")
    net.wait("no alarm", lambda: key not in net.alarms(), 60)


def restart_without_feeds(net):
    """Nothing is known of the network but the file: what is on the routers stays."""
    before = net.ours()
    net.karstd.kill()
    for speaker in (net.speaker, net.second):
        speaker.kill()
    net.speaker = net.second = None
    net.routers.drain()
    net.start_karstd()
    net.wait("routers", lambda: all(d.get("connected") for d in net.status()["device"]), 15)
    time.sleep(STALE_S + 2)
    equal(net.ours(), before, "routers after a restart without feeds")
    equal([l for _, l in net.routers.drain() if "commit" in l], [], "commits after a restart without feeds")
    net.speaker = net.start_one("127.0.0.2", net.bgp_port)
    net.second = net.start_one("127.0.0.3", net.second_port)
    net.wait_ready()


def observing_changes_nothing(net):
    """The mode survives kill -9; nothing is committed until it is act again."""
    before = net.ours()
    net.karst("mode", "observe")
    net.routers.drain()
    net.both("cut r1--r2")
    status, _, body = net.put("observed", **{"from": "r1", "to": "r5", "objective": "delay"})
    equal((status, error_of(body)["error-app-tag"]), (409, "frozen"), f"an intent while observing: {body}")
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    time.sleep(1)
    equal(net.karst("mode").strip(), "observe", "mode after a restart")
    equal(net.ours(), before, "routers while observing")
    equal([l for _, l in net.routers.drain() if "commit" in l], [], "commits while observing")
    net.karst("mode", "dream", ok=(2,))
    net.karst("mode", "observe", "headend", "r2")
    check("headend" in net.karst("mode") and "r2" in net.karst("mode"), net.karst("mode"))
    net.karst("mode", "act", "headend", "r2")
    net.karst("mode", "act")
    net.wait_path("fast", ["r1--r3", "r3--r5"])
    net.both("restore r1--r2")


def drained_link_carries_nothing_new(net):
    """karst drain says first what cannot move, moves the rest, and survives kill -9."""
    net.wait("all links", lambda: net.status()["status"]["links-up"] == net.status()["status"]["links"], 10)
    net.wait_path("fast", ["r1--r3", "r3--r5"])
    told = net.karst("drain", "link", "r1--r3", "--dry-run", "-o", "json")["karst-operations:output"]
    stuck = [p["policy"] for p in told.get("stuck", [])]
    check("fast" not in stuck and told["affected"] > len(stuck) == told["unplaced"], told)
    check(f"{len(stuck)} cannot" in net.karst("drain", "link", "r1--r3", "--dry-run"), "the table")
    equal(net.links_of("fast"), ["r1--r3", "r3--r5"], "a dry run moved it")
    net.karst("drain", "link", "r1--r3")
    net.wait("fast off the link", lambda: "r1--r3" not in net.links_of("fast"), 10)
    net.wait("settled", lambda: all(p["state"] in ("active", "degraded") for p in net.policies().values()), 10)
    net.karstd.kill()
    net.start_karstd()
    net.wait_ready()
    equal([(d["object"], d["name"], d["remaining"]) for d in net.status()["drain"]], [("link", "r1--r3", len(stuck))], "drains")
    check("r1--r3" in net.karst("status"), net.karst("status"))
    net.put_good("later", **{"from": "r1", "to": "r3", "objective": "delay"})
    check("r1--r3" not in net.links_of("later"), net.links_of("later"))
    status, _, body = net.request("POST", "/restconf/operations/karst-operations:drain",
                                  {"karst-operations:input": {"node": "nowhere"}})
    check(status in (400, 404) and "nowhere" in error_of(body)["error-message"], f"{status} {body}")
    net.karst("undrain", "link", "r1--r3")
    net.karst("undrain", "link", "r1--r3", ok=(2,))
    check(not net.status().get("drain"), "still drained")
    audit = net.karst("audit", "-o", "json")["karst-operations:audit"]
    target = "/restconf/operations/karst-operations:"
    equal([(a["target"][len(target):], a["action"], a["result"]) for a in audit if a["target"].startswith(target)][-4:],
          [("drain", "POST", "200"), ("drain", "POST", "400"), ("undrain", "POST", "204"), ("undrain", "POST", "400")],
          "audit")
    check(all(a["author"] and a["address"] == "127.0.0.1" for a in audit), audit[-1])


STEPS = [start, withdrawn_by_one_of_two_stays, half_a_link_is_no_link, metric_elsewhere_recomputes_who_is_led_astray,
         all_feeds_lost_moves_nothing, back_to_normal, restart_during_a_cut, failed_intent_has_an_alarm_that_survives,
         restart_without_feeds,
         observing_changes_nothing, drained_link_carries_nothing_new]

if __name__ == "__main__":
    sys.exit(chain.run("feeds", STEPS, kind=TwoFeeds))
