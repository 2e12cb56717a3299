#!/usr/bin/env python3
"""The whole province as real forwarding: 286 routers, and a hundred random intents whose packets cross exactly the links
that the API reports.
"""
import os
import random

import lab
from lab import check, equal, sys

INTENTS = 100
PACKETS = 100
SEED = int(os.environ.get("KARST_SEED", "20261124"))


def a_hundred_intents(net):
    """Each on its own: what it sends, and what every link of the province carried meanwhile."""
    print(f"   {net.ready}; seed {SEED}")
    net.tell("probe 0")
    pick = random.Random(SEED)
    asked = []
    for number in range(1, INTENTS + 1):
        source, target = pick.sample(net.nodes, 2)
        leaves = {"objective": pick.choice(["bandwidth", "availability", "delay"]),
                  "bandwidth-bps": str(pick.randrange(1, 50) * 1000000)}
        if pick.random() < 0.3:
            leaves["constraints"] = {"disjoint": "link"}
        asked.append((f"i{number}", source, target, 4 if number % 4 == 0 else 6, leaves))
    put = [a for a in asked if net.put_if_there_is_a_path(*a)]
    check(len(put) >= INTENTS * 9 // 10, f"only {len(put)} of {INTENTS} intents have a path")
    net.wait("all policies are active", lambda: all(p["state"] == "active" for p in net.policies().values()) and
             len(net.policies()) == len(put), 120)
    policies = {p["intent"]: p for p in net.policies().values()}
    hops = 0
    for name, source, target, family, _ in put:
        links = policies[name]["candidate-path"][0]["link"]
        address = net.customer(target, int(name[1:]) % 30 + 1 if family == 4 else int(name[1:]), family)[1]
        net.takes(name, source, target, address, links, packets=PACKETS, pps=20000, flows=PACKETS)
        hops += len(links)
    print(f"   {len(put)} intents, {hops} hops, {len(put) * PACKETS} packets, none lost and none elsewhere")


class Province(lab.LabChain):
    """Intents by the dozen: some cannot be met."""

    def put_if_there_is_a_path(self, name, source, target, family, leaves):
        number = int(name[1:])
        prefix, _ = self.customer(target, number % 30 + 1 if family == 4 else number, family)
        sid = self.at[target]["dt4" if family == 4 else "dt6"]
        status, _, body = self.put(name, **{"from": source, "to": target, "steering": {"prefix": [prefix], "service-sid": sid},
                                            **leaves})
        check(status in (201, 409), f"PUT {name}: {status} {body}")
        return status == 201


if __name__ == "__main__":
    guangxi = os.path.join(lab.chain.SOURCE, "examples", "guangxi", "topology.yaml")
    sys.exit(lab.chain.run("province", [a_hundred_intents], kind=Province, topology=guangxi))
