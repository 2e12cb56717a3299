"""What the end-to-end tests of the lab share: a chain whose routers forward, flows through it, and the links that they
cross, counted by the kernel.
"""
import os
import sys

import chain
from chain import check, equal

import emulation  # chain put its folder on the path
import forwarding

NOISE = 3  # packets that a link may carry besides: neighbour and multicast chatter


class LabChain(chain.Chain):
    """A chain on routers that forward. The words of the emulated routers and of the speaker work too."""

    def __init__(self, name, topology=chain.TRIANGLE, probe_us=10000, **options):
        lacks = forwarding.missing()
        if lacks:
            chain.require(lacks[0], False, lacks[1])
        self.name = f"kt-{name}-{os.getpid()}"
        self.probe_us = probe_us
        options.setdefault("extra_config", {"southbound": {"read-back-s": 2}})
        super().__init__(name, topology, **options)
        self.given = self.complete()

    complete = forwarding.Forwarding.complete
    start_routers = forwarding.Forwarding.start_routers
    ports_were_taken = forwarding.Forwarding.ports_were_taken
    start_speaker = forwarding.Forwarding.start_speaker
    lab_command = forwarding.Forwarding.lab_command
    tell = forwarding.Forwarding.tell
    counters = forwarding.Forwarding.counters
    hosts = forwarding.Forwarding.hosts
    send = forwarding.Forwarding.send
    down = forwarding.Forwarding.down

    def start(self):
        super().start()
        self.at = self.hosts()
        return self

    def wait_ready(self):
        self.wait("feed and routers", self.is_ready, 180)

    def order(self, line):
        return self.tell(f"netconf {line}").rstrip("\n")

    def foreign(self):
        """The lab's routers hold nothing at their start; chain.run wants something to compare."""
        return {"none": [b"none"]}

    def stop(self):
        status = self.karstd.stop() if self.karstd else None
        ended = self.routers.stop(60) if self.routers else None
        self.karstd = self.routers = None
        super().stop()
        self.down()
        if status == 0:
            check(ended in (0, None), f"karst-lab ended with status {ended}, see {self.path('lab.log')}")
        return status

    # --- traffic ---

    def customer(self, router, number, family=6):
        """A prefix of customers at a router, and an address of it; each number another one."""
        if family == 4:
            base = self.at[router]["four"].split("/", maxsplit=1)[0].rsplit(".", 1)[0]
            return f"{base}.{8 * number}/29", f"{base}.{8 * number + 2}"
        base = self.at[router]["six"].split("::", maxsplit=1)[0]
        return f"{base}:{number:x}::/80", f"{base}:{number:x}::2"

    def serve(self, intent, number, source, target, family=6, **leaves):
        """Puts an intent that steers a prefix of customers, and waits until it is active; the address to send to."""
        prefix, address = self.customer(target, number, family)
        sid = self.at[target]["dt4" if family == 4 else "dt6"]
        self.put_good(intent, **{"from": source, "to": target, "steering": {"prefix": [prefix], "service-sid": sid}, **leaves})
        self.wait_state(intent, "active", 60)
        return address

    def flow(self, name, source, target, address, **more):
        return {"name": name, "from": self.at[source]["space"] + ".host", "to": self.at[target]["space"] + ".host",
                "destination": address, **more}

    def crossed(self, flows, **options):
        """Sends flows; (packets by link where there were more than noise, what became of each flow)."""
        before = self.counters()
        became = self.send(flows, **options)
        after = self.counters()
        return {l: n - before[l] for l, n in after.items() if n - before[l] > NOISE}, became

    def takes(self, intent, source, target, address, links=None, packets=1000, noise=NOISE, **more):
        """All packets arrive, and cross exactly the links that the API reports (or those given), each all of them. noise is
        what a link may carry besides: more than a few only while there are probes."""
        links = links or self.links_of(self.policy_of(intent)["id"])
        seen, became = self.crossed([self.flow(intent, source, target, address, packets=packets, **more)])
        seen = {l: n for l, n in seen.items() if n > noise}
        equal(became[intent]["lost"], 0, f"packets of {intent} that were lost")
        equal(sorted(seen), sorted(links), f"links that {intent} crossed")
        check(all(packets <= n <= packets + noise for n in seen.values()), f"{intent}: {seen}")
        return seen


def run(name, steps, **options):
    """As chain.run."""
    return chain.run(name, steps, kind=LabChain, **options)


word = forwarding.word
__all__ = ["LabChain", "check", "chain", "emulation", "equal", "forwarding", "run", "sys", "word"]
