#!/usr/bin/env python3
"""Compressed SIDs from end to end: routers advertise NEXT-CSID SIDs over BGP-LS, karstd pushes one container by NETCONF, and
a loose intent is told apart from a strict one.
"""
import json
import os
import subprocess
import sys
import tempfile

import chain
from chain import equal

CONTAINER = "fcbb:bb00:2:e002:5::"  # End of r2, its own End.X over r2-r3, End of r5


def structure(node, function):
    return {"block-length": 32, "node-length": node, "function-length": function, "argument-length": 128 - 32 - node - function}


def compressed_triangle():
    """The triangle, its End SIDs as global C-SIDs of their nodes, its End.X SIDs as local ones."""
    env = dict(os.environ, KARST_YANG_DIR=os.path.join(chain.SOURCE, "models", "yang"))
    run = subprocess.run([os.path.join(chain.BUILD, "karst"), "topology", chain.TRIANGLE, "-o", "json"], env=env,
                         capture_output=True, text=True, check=True)
    topology = json.loads(run.stdout)
    for node in topology["karst-topology:topology"]["node"]:
        for sid in node.get("sid", []):
            parts = sid["sid"].split(":")
            sid.update({"sid": f"{parts[0]}:{parts[1]}:{parts[2]}::", "behavior": 44, "structure": structure(16, 0)})
            sid.pop("flavors", None)
    for link in topology["karst-topology:topology"]["link"]:
        for sid in link.get("endx", []):
            parts = sid["sid"].split(":")
            sid.update({"sid": f"{parts[0]}:{parts[1]}:{parts[3]}::", "behavior": 53, "structure": structure(0, 16)})
            sid.pop("flavors", None)
    path = os.path.join(tempfile.mkdtemp(prefix="karst-csid-"), "topology.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(topology, f)
    return path


def sids_of(net):
    return [s["sid"] for s in net.policy_of("a")["candidate-path"][0]["segment-list"][0]["segment"]]


def container_is_pushed(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "availability"})
    net.wait_path("a", ["r1--r2", "r2--r3", "r3--r5"])
    equal(sids_of(net), [CONTAINER], "the list")
    held = [b for ours, b in net.held("r1") if ours]
    equal(len(held), 1, "policies that r1 holds")
    equal(held[0].count(b"<ns0:sid>"), 1, "entries of its list")
    equal(CONTAINER.encode() in held[0], True, "the container on the router")


def forwarding_is_kept(net):
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay", "forwarding": "loose"})
    net.wait_path("a", ["r1--r3", "r3--r5"])
    equal(sids_of(net), ["fcbb:bb00:5::"], "the loose list")
    equal(net.intents()["a"].get("forwarding"), "loose", "forwarding")


def compute_path_knows_lists(net):
    """Loose forwarding and a bound on SIDs are asked of the lists, which the daemon compiles."""
    ask = {"from": "r1", "to": "r5", "objective": "availability"}
    for more, wanted in [({}, CONTAINER), ({"constraints": {"max-segments": 1}}, CONTAINER)]:
        status, _, body = net.request("POST", "/restconf/operations/karst-path:compute-path",
                                      {"karst-path:input": {**ask, **more}})
        equal(status, 200, f"compute-path with {more}: {body}")
        equal(body["karst-path:output"]["path"][0]["segment"][0]["sid"], wanted, f"the list with {more}")
    ask = {"from": "r1", "to": "r5", "objective": "delay", "forwarding": "loose"}
    status, _, body = net.request("POST", "/restconf/operations/karst-path:compute-path", {"karst-path:input": ask})
    equal(status, 200, f"loose compute-path: {body}")
    equal([s["sid"] for s in body["karst-path:output"]["path"][0]["segment"]], ["fcbb:bb00:5::"], "the loose list")


STEPS = [container_is_pushed, forwarding_is_kept, compute_path_knows_lists]

if __name__ == "__main__":
    sys.exit(chain.run("csid", STEPS, topology=compressed_triangle()))
