#!/usr/bin/env python3
"""A network out of somebody else's file, without SRv6, addresses or metrics: the lab gives it what it lacks, and it forwards.
Names with blanks and parallel edges are among it.
"""
import os
import shutil
import tempfile

import lab
from lab import check, equal, sys, word

NAMES = ["New York", "Chicago", "Seattle", "Los Angeles", "Houston", "Atlanta"]
EDGES = [(0, 1), (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (1, 4)]


def graphml():
    path = os.path.join(tempfile.mkdtemp(prefix="karst-foreign-"), "somebody.xml")
    nodes = "".join(f'<node id="n {i}"><data key="l">{n}</data></node>' for i, n in enumerate(NAMES))
    edges = "".join(f'<edge source="n {a}" target="n {b}"/>' for a, b in EDGES)
    with open(path, "w", encoding="utf-8") as f:
        f.write('<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
                '<key id="l" for="node" attr.name="label" attr.type="string"/>'
                f'<graph edgedefault="undirected">{nodes}{edges}</graph></graphml>')
    return path


def it_forwards(net):
    check(len(net.given) == 5, f"what was given: {net.given}")
    equal(len(net.network["link"]), 2 * len(EDGES), "directed links")
    net.tell("probe 0")
    for number, (source, target, family) in enumerate([("n 0", "n 2", 6), ("n 3", "n 5", 4), ("n 2", "n 0", 6)], 1):
        address = net.serve(f"s{number}", number, source, target, family=family, objective="igp")
        net.takes(f"s{number}", source, target, address)


def blanks_in_names_do_no_harm(net):
    shown = net.karst("trace", "s1", "--lab", f"/run/karst-lab/{net.name}/control")
    check("n 0-n 1" in shown and "as computed" in shown, shown)
    net.tell(f"stop {word('n 5')}")
    net.wait("n 5 is away", lambda: not net.device("n 5").get("connected"), 60)
    net.tell(f"restart {word('n 5')}")
    net.wait("n 5 is back", lambda: net.device("n 5").get("connected"), 60)


def a_cut_is_told(net):
    link = net.links_of(net.policy_of("s1")["id"])[-1]
    net.tell(f"cut {word(link)}")
    net.wait("it moved", lambda: net.policy_of("s1")["state"] == "active" and
             link not in net.links_of(net.policy_of("s1")["id"]), 60)
    net.takes("s1", "n 0", "n 2", net.customer("n 2", 1)[1])


if __name__ == "__main__":
    somebody = graphml()
    result = lab.run("foreign", [it_forwards, blanks_in_names_do_no_harm, a_cut_is_told], topology=somebody)
    shutil.rmtree(os.path.dirname(somebody))
    sys.exit(result)
