#!/usr/bin/env python3
"""Policies that somebody else configures: a binding SID in the middle of a list of another headend, and weights, by
ncclient; the kernel forwards as they say.
"""
import os
import sys

import lab
from lab import check, equal

try:
    from ncclient import manager
except ImportError:
    # Another python3 may come first in PATH than the one that Debian's package belongs to.
    if sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    manager = None


def binding_sid(net):
    net.tell("probe 0")
    binding, end4, end5, prefix = "fcbb:bb00:2:b5d::", "fcbb:bb00:4:1::", "fcbb:bb00:5:1::", net.customer("r5", 40)
    configure(net, "r2", policy(7, net.at["r4"]["address"], [(1, ["fcbb:bb00:3:1::", end4])],
                                f"<binding-sid>{binding}</binding-sid>"))
    configure(net, "r1", policy(8, net.at["r5"]["address"], [(1, [binding, end5])], steering(prefix[0], net.at["r5"]["dt6"])))
    seen, became = net.crossed([net.flow("hand", "r1", "r5", prefix[1])])
    equal(became["hand"]["lost"], 0, "packets lost")
    want = [sorted(["r1--r2", fibre, "r3--r4", "r4--r5"]) for fibre in ("r2--r3", "r2--r3--2")]
    links = set(seen)
    check(sorted(links) in want or links == set(want[0]) | set(want[1]), f"links crossed: {seen}")


def policy(color, endpoint, lists, more=""):
    body = "".join(f"<segment-list><id>{i}</id><weight>{weight}</weight>" + "".join(
        f"<segment><index>{k}</index><sid>{sid}</sid></segment>" for k, sid in enumerate(sids, 1)) + "</segment-list>"
        for i, (weight, sids) in enumerate(lists, 1))
    return (f"<policy><color>{color}</color><endpoint>{endpoint}</endpoint><name>by-hand-{color}</name>{more}"
            f"<candidate-path><preference>100</preference>{body}</candidate-path></policy>")


def steering(prefix, sid):
    return f"<steering><prefix><prefix>{prefix}</prefix><service-sid>{sid}</service-sid></prefix></steering>"


def configure(net, router, policies):
    """By ncclient, as anybody's tool would."""
    port = net.netconf_port + net.nodes.index(router)
    with manager.connect(host="127.0.0.1", port=port, username="karst", key_filename=net.path("client"), hostkey_verify=False,
                         allow_agent=False, look_for_keys=False, timeout=60) as m:
        m.edit_config(f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><srv6-policies xmlns="{lab.chain.NS[1:-1]}">'
                      f"{policies}</srv6-policies></config>", target="candidate")
        m.commit()


def weights_of_three_to_one(net):
    prefix = net.customer("r5", 41)
    configure(net, "r1", policy(9, net.at["r5"]["address"], [(3, ["fcbb:bb00:3:1::", "fcbb:bb00:5:1::"]), (
        1, ["fcbb:bb00:2:e004::", "fcbb:bb00:5:1::"])], steering(prefix[0], net.at["r5"]["dt6"])))
    seen, became = net.crossed([net.flow("three", "r1", "r5", prefix[1], packets=4000, flows=4000)], pps=8000)
    equal(became["three"]["lost"], 0, "packets lost")
    check(abs(seen["r1--r3"] / 4000 - 0.75) <= 0.05 and abs(seen["r2--r4"] / 4000 - 0.25) <= 0.05, f"not 3 to 1: {seen}")


def prepare(_):
    lab.chain.require("ncclient", manager, "python3-ncclient is not installed")


if __name__ == "__main__":
    sys.exit(lab.run("hand", [binding_sid, weights_of_three_to_one], prepare=prepare))
