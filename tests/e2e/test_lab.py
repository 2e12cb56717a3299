#!/usr/bin/env python3
"""Real forwarding on the triangle: karstd computes and pushes, hosts send, and the kernel's counters tell which links the
packets crossed: exactly those that the API reports.
"""
import lab
from lab import check, emulation, equal, sys

FIBRES = ("r2--r3", "r2--r3--2")


def objectives(net):
    net.tell("probe 0")  # probes cross links too
    fast = net.serve("fast", 1, "r1", "r5", objective="delay")
    net.takes("fast", "r1", "r5", fast, ["r1--r3", "r3--r5"])
    safe = net.serve("safe", 2, "r1", "r5", objective="availability")
    net.takes("safe", "r1", "r5", safe)
    wide = net.serve("wide", 3, "r1", "r5", objective="bandwidth", **{"bandwidth-bps": "200000000"})
    net.takes("wide", "r1", "r5", wide, ["r1--r2", "r2--r4", "r4--r5"])


def parallel_fibres(net):
    """Only End.X tells the two fibres between r2 and r3 apart."""
    for number, (name, other) in enumerate((FIBRES, FIBRES[::-1])):
        address = net.serve(name, 10 + number, "r2", "r3", objective="delay", constraints={"avoid": {"link": [other]}})
        net.takes(name, "r2", "r3", address, [name])


def ipv4_customers(net):
    address = net.serve("four", 20, "r1", "r5", family=4, objective="availability")
    net.takes("four", "r1", "r5", address)


def both_directions(net):
    prefix, there = net.customer("r5", 30)
    reverse, back = net.customer("r1", 30)
    net.put_good("both", **{"from": "r1", "to": "r5", "objective": "delay", "bidirectional": True, "steering": {
        "prefix": [prefix], "service-sid": net.at["r5"]["dt6"], "reverse-prefix": [reverse],
        "reverse-service-sid": net.at["r1"]["dt6"]}})
    net.wait("both directions", lambda: [p for p in net.policies().values() if p["intent"] == "both"
                                         and p["state"] == "active"].__len__() == 2, 60)
    seen, became = net.crossed([net.flow("to", "r1", "r5", there), net.flow("fro", "r5", "r1", back)])
    equal([became[n]["lost"] for n in ("to", "fro")], [0, 0], "lost packets")
    equal(sorted(seen), ["r1--r3", "r3--r1", "r3--r5", "r5--r3"], "links of both directions")


def trace_tells_the_hops(net):
    name = net.policy_of("wide")["name"]
    lines = [l.split() for l in net.tell(f"trace {name} 8").splitlines()[1:]]
    for packet in range(8):
        hops = [l[2] for l in lines if l[0] == str(packet)]
        equal(hops, ["r1--r2", "r2--r4", "r4--r5", "arrived"], f"hops of packet {packet}")


def karst_trace_compares(net):
    """What packets took beside what was computed; a packet that strays is status 1."""
    control = f"/run/karst-lab/{net.name}/control"
    shown = net.karst("trace", "wide", "--lab", control)
    for word in ("r2--r4", "8 packets, 8 arrived", "as computed: candidate path"):
        check(word in shown and "NOT" not in shown, f"{word}: {shown}")
    traced = net.karst("trace", "both", "--lab", control, "-n", "3", "-o", "json")
    equal([(t["arrived"], t["as-computed"]) for t in traced], [(3, True)] * 2, "both directions")
    net.tell("loss r2--r4 1000000")
    check("0 arrived" in net.karst("trace", "wide", "--lab", control, ok=(1,)), "lost packets are status 1")
    net.tell("loss r2--r4 0")
    net.karst("trace", "nobody", "--lab", control, ok=(2,))
    net.karst("trace", "wide", "--lab", "/nonexistent", ok=(3,))


def cut_fibre(net):
    """The fibre of the fast path is cut: everything that crossed it takes the way that the API shows then."""
    address = net.customer("r5", 1)[1]
    net.tell("cut r3--r5")
    net.wait("fast left the fibre", lambda: net.policy_of("fast")["state"] == "active" and
             "r3--r5" not in net.links_of(net.policy_of("fast")["id"]), 60)
    net.takes("fast", "r1", "r5", address)
    net.tell("heal r3--r5")
    net.wait("the fibre is back", lambda: net.counters() and "r3--r5 from r3 to r5 interface e12 up" in net.tell("links"), 60)


def stopped_router(net):
    address = net.customer("r5", 3)[1]
    net.tell("stop r4")
    net.wait("wide left r4", lambda: net.policy_of("wide")["state"] == "active" and
             "r4--r5" not in net.links_of(net.policy_of("wide")["id"]), 60)
    net.takes("wide", "r1", "r5", address)
    net.wait("r4 is away", lambda: not net.device("r4").get("connected"), 60)
    net.tell("restart r4 empty")
    net.wait("r4 is back", lambda: net.device("r4").get("connected"), 60)


def bad_fibre(net):
    """Loss, damage and delay are on the link that was told, and the host sees them."""
    address = net.customer("r5", 20)[1].rsplit(".", 1)[0]
    link = net.links_of(net.policy_of("four")["id"])[0]
    address = net.customer("r5", 20, 4)[1]
    net.tell(f"delay {link} 20000")
    net.tell(f"loss {link} 200000")
    _, became = net.crossed([net.flow("four", "r1", "r5", address)])
    check(100 <= became["four"]["lost"] <= 320, f"200 of 1000 should be lost: {became}")
    check(became["four"]["min-us"] >= 20000, f"20 ms of delay: {became}")
    net.tell(f"loss {link} 0")
    net.tell(f"delay {link} 0")
    net.tell(f"corrupt {link} 300000")
    _, became = net.crossed([net.flow("four", "r1", "r5", address)])
    check(180 <= became["four"]["lost"] <= 440, f"300 of 1000 should be damaged: {became}")
    net.tell(f"corrupt {link} 0")
    net.takes("four", "r1", "r5", address)


STEPS = [objectives, parallel_fibres, ipv4_customers, both_directions, trace_tells_the_hops, karst_trace_compares, cut_fibre, stopped_router,
         bad_fibre]

if __name__ == "__main__":
    sys.exit(lab.run("basic", STEPS))
