#!/usr/bin/env python3
"""A full disk under the store: new intents are refused with 507, what was accepted stays and is still restored, nothing
is half-stored, and everything acknowledged is there after a kill. The disk is a small file system of the test's own.
"""
import os
import shutil
import subprocess
import sys
import time

import chain
from chain import check, equal, error_of

INSIDE = "KARST_TEST_OWN_MOUNTS"
DEMAND = {"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"}


def filler(net):
    return os.path.join(net.state, "filler")


def fill(net):
    """Takes every octet that is left."""
    with open(filler(net), "wb", buffering=0) as f:
        for size in (1 << 16, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass


def describe(intents):
    return {n: (i["from"], i["to"], i["bandwidth-bps"]) for n, i in intents.items()}


class Disk:
    """The steps share what was acknowledged."""

    def __init__(self):
        self.known = {}

    def put(self, net, name, **more):
        """PUT as a client that keeps what was acknowledged; status and answer."""
        demand = {**DEMAND, **more}
        status, _, body = net.put(name, **demand)
        if status in (201, 204):
            self.known[name] = (demand["from"], demand["to"], demand["bandwidth-bps"])
        return status, body

    def intents_with_room(self, net):
        for name, objective in (("fast", "delay"), ("wide", "bandwidth"), ("sure", "availability")):
            equal(self.put(net, name, objective=objective)[0], 201, f"PUT {name}")
        net.wait("all active", lambda: all(p["state"] == "active" for p in net.policies().values()), 20)

    def full_disk_refuses_intents(self, net):
        fill(net)
        refused = None
        for n in range(200):  # the log of the store may have room inside for some
            status, body = self.put(net, f"more{n}")
            if status == 507:
                refused = f"more{n}", body
                break
            equal(status, 201, f"PUT more{n}")
        check(refused, "no PUT was refused although the disk is full")
        name, body = refused
        check("full" in error_of(body)["error-message"], body)
        check("karst.db" in error_of(body)["error-message"], body)
        check(name not in net.intents(), f"{name} was refused and is there")
        check(not [p for p in net.policies().values() if p["intent"] == name], f"a policy of {name} is there")
        equal(describe(net.intents()), self.known, "intents")
        equal(self.put(net, "fast", **{"bandwidth-bps": "20000000"})[0], 507, "a change of an intent")
        equal(describe(net.intents()), self.known, "intents after a refused change")
        check("Make room" in str(net.alarms().get(("store", "failing"))) or ("store", "failing") in net.alarms(),
              f"no alarm of the store: {net.alarms()}")

    def deletion_is_all_or_nothing(self, net):
        name = next(n for n in self.known if n.startswith("more")) if any(n.startswith("more") for n in self.known) else "sure"
        status, _, body = net.delete(name)
        check(status in (204, 507), f"DELETE on the full disk: {status} {body}")
        if status == 204:
            del self.known[name]
        equal(describe(net.intents()), self.known, f"intents after a DELETE that was answered with {status}")
        fill(net)

    def restoration_goes_on(self, net):
        equal(net.policy_of("fast")["candidate-path"][0]["link"], ["r1--r3", "r3--r5"], "path of fast")
        net.say("cut r1--r3")
        net.wait_path("fast", ["r1--r2", "r2--r3", "r3--r5"])
        held = b"".join(net.ours()["r1"])
        for segment in net.policy_of("fast")["candidate-path"][0]["segment-list"][0]["segment"]:
            check(segment["sid"].encode() in held, f"r1 does not hold {segment['sid']}")
        check(("store", "failing") in net.alarms(), f"no alarm of the store: {net.alarms()}")
        equal(describe(net.intents()), self.known, "intents")

    def kill_on_the_full_disk(self, net):
        net.karstd.kill()
        net.start_karstd()
        net.wait("the API on the full disk", lambda: {"all": net.intents()}, 20)
        equal(describe(net.intents()), self.known, "intents after a kill on the full disk")
        net.wait_ready()
        net.wait_path("fast", ["r1--r2", "r2--r3", "r3--r5"])
        equal(self.put(net, "never")[0], 507, "a PUT on the full disk after the restart")

    def room_again(self, net):
        os.remove(filler(net))
        equal(self.put(net, "after")[0], 201, "a PUT after there is room")
        net.wait_state("after", "active")
        net.wait("the alarm of the store is gone", lambda: ("store", "failing") not in net.alarms(), 40)
        net.say("restore r1--r3")

    def kill_loses_nothing(self, net):
        net.karstd.kill()
        net.start_karstd()
        net.wait("the API after a kill", lambda: {"all": net.intents()}, 20)
        equal(describe(net.intents()), self.known, "intents after a kill")
        net.wait_ready()
        net.wait("all active", lambda: all(p["state"] == "active" for p in net.policies().values()), 20)
        equal({p["intent"] for p in net.policies().values()}, set(self.known), "policies")
        equal(sum(len(p) for p in net.ours().values()), len(self.known), "policies on the routers")


def small_disk(net):
    os.makedirs(net.state, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "karst-test", net.state], check=True)


def main():
    if os.environ.get(INSIDE) != "1":
        can = os.geteuid() == 0 and shutil.which("unshare") and shutil.which("mount")
        can = can and subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
                                     capture_output=True, check=False).returncode == 0
        try:
            chain.require("root", can, "a small file system of its own needs root, unshare and mount")
        except chain.Skip as skip:
            print(f"skipped: {skip}")
            return 77
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, os.path.abspath(__file__)])
    disk = Disk()
    return chain.run("disk", [disk.intents_with_room, disk.full_disk_refuses_intents,
                              disk.deletion_is_all_or_nothing, disk.restoration_goes_on,
                              disk.kill_on_the_full_disk, disk.room_again, disk.kill_loses_nothing], prepare=small_disk)


if __name__ == "__main__":
    sys.exit(main())
