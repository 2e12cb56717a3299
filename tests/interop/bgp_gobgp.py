#!/usr/bin/env python3
"""gobgpd v4.8 and Karst: gobgpd as the source of nodes, links, prefixes and SIDs with what its command line can
say, changes and withdrawals, a restart of the daemon; and gobgpd as the receiver of the lab's speaker."""
import os
import subprocess
import tempfile
import time

from bgp_common import Probe, check, find_gobgp, free_port, stop, wait_port

CONFIG = """
[global.config]
  as = 65001
  router-id = "10.255.0.1"
  port = {port}
  local-address-list = ["127.0.0.1"]
""" + "".join(f"""
[[neighbors]]
  [neighbors.config]
    neighbor-address = "127.0.0.{i}"
    peer-as = 65001
  [neighbors.timers.config]
    idle-hold-time-after-reset = 1
  [neighbors.transport.config]
    passive-mode = true
    local-address = "127.0.0.1"
  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = 20
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ls"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true
""" for i in (2, 3))
R = "protocol 2 identifier 0 local-asn 65001 local-bgp-ls-id 0"
LINKS = [(1, 2, 1, 1, 10, 1000), (2, 1, 1, 1, 10, 1000), (2, 3, 2, 1, 20, 2000), (3, 2, 1, 2, 20, 2000),
         (1, 3, 2, 2, 50, 500), (3, 1, 2, 2, 50, 500)]


class Gobgp:
    def __init__(self, folder, tools):
        self.tools = tools
        self.port, self.api = free_port(), free_port()
        self.config = os.path.join(folder, "gobgpd.toml")
        open(self.config, "w").write(CONFIG.format(port=self.port))
        self.start()

    def start(self):
        self.daemon = subprocess.Popen([os.path.join(self.tools, "gobgpd"), "-t", "toml", "-f", self.config, "--api-hosts",
                                        f"127.0.0.1:{self.api}", "--pprof-disable", "-l", "warn"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_port(self.api)
        wait_port(self.port)

    def rib(self, words):
        out = subprocess.run([os.path.join(self.tools, "gobgp"), "-p", str(self.api), "global", "rib", *words.split()],
                             capture_output=True, text=True)
        check(out.returncode == 0, f"gobgp {words}: {out.stderr}")
        return out.stdout

    def node(self, verb, n):
        self.rib(f"{verb} -a ls node bgp {R} local-igp-router-id 0000.0000.000{n} node-name r{n} isis-area-id 490001 "
                 f"sr-algorithm 0 128")
        self.rib(f"{verb} -a ls prefixv6 bgp {R} local-igp-router-id 0000.0000.000{n} ip-reachability-info fcbb:bb00:{n}::/48")
        self.rib(f"{verb} -a ls srv6sid bgp {R} local-igp-router-id 0000.0000.000{n} sids fcbb:bb00:{n}:: "
                 f"srv6-endpoint-behavior 48 srv6-flags 0 srv6-algo 0 srv6-structure-lb 32 srv6-structure-ln 16 "
                 f"srv6-structure-fun 16 srv6-structure-arg 0")

    def link(self, verb, a, b, ia, ib, metric, delay):
        self.rib(f"{verb} -a ls link bgp {R} local-igp-router-id 0000.0000.000{a} remote-asn 65001 remote-bgp-ls-id 0 "
                 f"remote-igp-router-id 0000.0000.000{b} link-local-id {ia} link-remote-id {ib} "
                 f"ipv6-interface-address 2001:db8:{a}:{b}::1 ipv6-neighbor-address 2001:db8:{b}:{a}::1 "
                 f"max-link-bandwidth 1250000000 te-default-metric {metric} metric {metric} "
                 f"unidirectional-link-delay {delay} min-unidirectional-link-delay {delay} "
                 f"max-unidirectional-link-delay {delay} unidirectional-delay-variation 10 srv6-endpoint-behavior 57 "
                 f"srv6-sids fcbb:bb00:{a}:e00{ia}:: srv6-weight 0 srv6-flags 0 srv6-algo 0 srv6-structure-lb 32 "
                 f"srv6-structure-ln 16 srv6-structure-fun 16 srv6-structure-arg 0")


def rid(n):
    return f"00000000000{n}"


def expected_link(a, b, ia, ib, metric, delay):
    return {"set": "link", "local": rid(a), "local_asn": 65001, "remote": rid(b), "remote_asn": 65001, "local_id": ia,
            "remote_id": ib, "v6_local": f"2001:db8:{a}:{b}::1", "v4_local": "", "unusable": False, "igp": metric,
            "te": metric, "delay_us": delay, "capacity_bps": 10000000000, "sid": f"fcbb:bb00:{a}:e00{ia}::",
            "behavior": 57, "function": 16}


def check_dump(lines):
    got = [x for x in lines if "set" in x]
    want = [expected_link(*link) for link in LINKS]
    for n in (1, 2, 3):
        want.append({"set": "node", "node": rid(n), "node_asn": 65001, "name": f"r{n}"})
        want.append({"set": "prefix", "node": rid(n), "node_asn": 65001, "prefix": f"fcbb:bb00:{n}::/48"})
        want.append({"set": "sid", "node": rid(n), "node_asn": 65001, "sid": f"fcbb:bb00:{n}::", "behavior": 48})
    for w in want:
        check(w in got, f"gobgpd announced, but Karst does not have: {w}")
    check(len(got) == len(want), f"{len(got)} objects instead of {len(want)}")


def as_source(gobgp):
    for n in (1, 2, 3):
        gobgp.node("add", n)
    for link in LINKS:
        gobgp.link("add", *link)
    probe = Probe("take", "127.0.0.1", gobgp.port, "127.0.0.2", 65001, 65001)
    probe.event("up")
    check_dump(probe.event("end-of-rib"))
    # a metric changes
    a, b, ia, ib, _, delay = LINKS[4]
    gobgp.link("add", a, b, ia, ib, 77, delay)
    line = probe.until("the new metric", lambda x: x.get("set") == "link")[-1]
    check(line == expected_link(a, b, ia, ib, 77, delay), f"after the change: {line}")
    # a link is withdrawn
    gobgp.link("del", a, b, ia, ib, 77, delay)
    line = probe.until("the withdrawal", lambda x: "delete" in x)[-1]
    check((line["delete"], line["local"], line["remote"], line["local_id"]) == ("link", rid(a), rid(b), ia),
          f"withdrawn: {line}")
    # the daemon goes and comes back, empty
    stop(gobgp.daemon)
    down = probe.event("down")[-1]
    check(down["text"] != "", "no reason why the session ended")
    gobgp.start()
    lines = probe.event("up") + probe.event("end-of-rib")
    check(not [x for x in lines if "set" in x], "a new daemon has old routes")
    probe.stop()
    print(f"source: 15 objects, a change, a withdrawal, a restart (session ended: {down['text']})")


def as_receiver(gobgp):
    """The daemon must take every NLRI of the lab's speaker, and forget a withdrawn one."""
    def rows():
        return [x for x in gobgp.rib("-a ls").splitlines() if "NLRI" in x]

    def wait_rows(n):
        end = time.monotonic() + 30
        while len(rows()) != n:
            check(time.monotonic() < end, f"gobgpd holds {len(rows())} of {n} NLRIs of the lab's speaker")
            time.sleep(0.1)

    speaker = Probe("speak", "127.0.0.1", gobgp.port, "127.0.0.3", 65001, 300, 1)
    speaker.event("up")
    wait_rows(300)
    speaker.line()
    speaker.line()
    wait_rows(298)
    check(not [x for x in speaker.seen if x.get("event") == "down"], "the session ended")
    speaker.stop()
    print("receiver: 300 NLRIs of the lab's speaker, 2 withdrawn")


def main():
    tools = find_gobgp()
    with tempfile.TemporaryDirectory() as folder:
        gobgp = Gobgp(folder, tools)
        try:
            as_source(gobgp)
            as_receiver(gobgp)
        finally:
            stop(gobgp.daemon)


main()
