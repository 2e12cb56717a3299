#!/usr/bin/env python3
"""The lab's routers stream what the kernel counts: real packets fill a link, the API shows what the counters say, and a policy
leaves a link that filled up with traffic nobody booked. An interface that goes down at a router, of which no feed tells, is
left too; and what the agents find out of a policy is streamed when it changes.
"""
import json
import os
import re
import subprocess
import tempfile
import time

import lab
from lab import chain, check, emulation, equal, sys

try:
    import grpc
    import gnmi_target
except ImportError:
    grpc = None

M = 1000000
FAST = ["r1--r3", "r3--r5"]
FULL = "r1--r3"
PAYLOAD = 1200


def slower():
    """The triangle with links that a small machine fills: 8 and 80 Mbit/s."""
    with open(chain.TRIANGLE, encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"capacity-bps: (\d+)", lambda m: f"capacity-bps: {int(m[1]) // 125}", text)
    path = os.path.join(tempfile.mkdtemp(prefix="karst-slow-"), "topology.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


class Streaming(lab.LabChain):
    def __init__(self, name, **options):
        options["extra_config"] = {"southbound": {"read-back-s": 2}, "telemetry": {
            "window-s": 3, "least-interval-ms": 200, "resolution-s": 1, "up-hold-s": 1}}
        super().__init__(name, **options)
        self.filling = []
        self.serve_gnmi()

    def write_config(self):
        self.stream_gnmi(**{"heartbeat-s": 5})
        super().write_config()

    def measured(self):
        return self.karst("telemetry", "-o", "json")["karst-telemetry:telemetry"]

    def link(self, name):
        status, _, body = self.request("GET", f"/restconf/data/karst-topology:topology/link={name}")
        equal(status, 200, f"GET link {name}")
        return body["karst-topology:link"][0]

    def fill(self, name, pps):
        """Real packets from the customers of r1 to the router r3 itself, which the IGP forwards; until the end."""
        process = subprocess.Popen([self.program("karst-lab-flow"), "--patience", "0"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, text=True)
        self.filling.append(process)
        process.stdin.write(f"{name} {self.at['r1']['space']}.host {self.at['r3']['space']} {self.at['r3']['address']} "
                            f"{pps * 1200} {pps} 4 {9000 + len(self.filling)} {PAYLOAD}\n")
        process.stdin.close()

    def octets(self, name):
        """What the kernel counted, read past gNMI, and when."""
        for line in self.tell("counters").splitlines():
            words = line.split()
            if words[0] == name:
                return int(words[2]), time.monotonic()
        raise emulation.Fault(f"no link {name}")

    def interface(self, link):
        space = self.at[link.split("--", maxsplit=1)[0]]["space"]
        shown = subprocess.run(["ip", "-n", space, "-j", "link"], capture_output=True, text=True, check=True)
        return space, next(i["ifname"] for i in json.loads(shown.stdout) if i.get("ifalias") == link)

    def stop_filling(self):
        for process in self.filling:
            process.kill()
            process.wait()
        self.filling = []

    def stop(self):
        self.stop_filling()
        return super().stop()


def every_router_streams(net):
    net.tell("probe 0")
    net.wait("streams", lambda: all(d.get("streaming") for d in net.measured()["device"]), 60)
    net.wait("all links measured", lambda: len(net.measured().get("link", [])) == len(net.network["link"]), 60)


def rate_is_what_the_kernel_counted(net):
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": str(3 * M)})
    net.wait_path("fast", FAST, 60)
    net.fill("some", 250)

    def near():
        before, start = net.octets(FULL)
        time.sleep(4)
        after, end = net.octets(FULL)
        kernel = (after - before) * 8 / (end - start)
        told = int(net.link(FULL).get("measured-bps", 0))
        print(f"   the kernel counted {kernel / M:.2f} Mbit/s, the API shows {told / M:.2f}", flush=True)
        return kernel > M and abs(told - kernel) < 0.05 * kernel

    net.wait("the measured rate within 5 % of the kernel's", near, 60)
    shown = next(l for l in net.measured()["link"] if l["name"] == FULL)
    share = int(shown["rate-bps"]) / (8 * M)
    check(abs(int(shown["utilization-ppm"]) / 1e6 - share) < 0.02, f"utilisation {shown} of 8 Mbit/s")
    equal(net.links_of(net.policy_of("fast")["id"]), FAST, "there is room for it yet")


def policy_leaves_the_link_that_filled_up(net):
    net.fill("more", 800)
    net.wait("fast elsewhere", lambda: net.policy_of("fast")["state"] == "active" and
             FULL not in net.links_of(net.policy_of("fast")["id"]), 60)
    check(FULL in net.policy_of("fast")["cause"], f"cause: {net.policy_of('fast').get('cause')}")
    link = net.link(FULL)
    check(int(link["unbooked-bps"]) > 5 * M, f"unbooked: {link}")
    net.stop_filling()


def packets_that_vanish_are_found(net):
    """A policy's packets are counted at each router; one fibre loses a third of them, and the hop behind it tells."""
    address = net.serve("seen", 2, "r5", "r1", objective="igp", **{"bandwidth-bps": str(M)})
    path = net.links_of(net.policy_of("seen")["id"])
    check(len(path) > 1, f"a path of several links is wanted: {path}")
    process = subprocess.Popen([net.program("karst-lab-flow"), "--patience", "0"], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
    net.filling.append(process)
    process.stdin.write(f"seen {net.at['r5']['space']}.host {net.at['r1']['space']}.host {address} 200000 200 16\n")
    process.stdin.close()

    def hops():
        answer = net.karst("telemetry", net.policy_of("seen")["id"], "-o", "json")["karst-telemetry:output"]
        equal([h.get("link") for h in answer["hop"]], [None, *path], "links of the hops")
        return answer["hop"]

    def whole():
        told = hops()
        return (all(float(h.get("packets-per-s", 0)) > 50 for h in told) and
                not any(h.get("faulty") for h in told[1:]) and told)

    def broken():
        told = hops()
        return [h.get("faulty", False) for h in told[1:]] == [l == path[-1] for l in path] and told

    net.wait("every hop counts, and nothing is lost", whole, 60)
    net.tell(f"loss {path[-1]} 330000")
    told = net.wait(f"what {path[-1]} loses", broken, 60)
    check(int(told[-1]["lost-ppm"]) > 50000, f"{told}")
    check("packets vanish before" in net.karst("telemetry", net.policy_of("seen")["id"]), "the table does not say it")
    print(f"   {[(h['node'], h['packets-per-s'], h.get('lost-ppm')) for h in told]}", flush=True)
    net.tell(f"loss {path[-1]} 0")
    net.wait("nothing is lost any more", whole, 60)
    net.stop_filling()


def interface_that_goes_down_is_told_by_its_router_alone(net):
    path = net.links_of(net.policy_of("fast")["id"])
    space, interface = net.interface(path[-1])
    subprocess.run(["ip", "-n", space, "link", "set", interface, "down"], check=True)
    net.wait("fast leaves what is down", lambda: net.policy_of("fast")["state"] == "active" and
             path[-1] not in net.links_of(net.policy_of("fast")["id"]), 60)
    equal(net.link(path[-1])["state"], "down", f"state of {path[-1]}")
    subprocess.run(["ip", "-n", space, "link", "set", interface, "up"], check=True)
    net.wait("it is up again", lambda: net.link(path[-1])["state"] == "up", 60)


def policy_state_is_told_when_it_changes(net):
    g = gnmi_target.g
    net.serve("watch", 1, "r4", "r2", objective="igp")
    net.tell("probe 10000")
    states = []
    with grpc.insecure_channel(f"127.0.0.1:{net.gnmi_port + net.nodes.index('r4')}") as channel:
        call = channel.stream_stream("/gnmi.gNMI/Subscribe", request_serializer=g.SubscribeRequest.SerializeToString,
                                     response_deserializer=g.SubscribeResponse.FromString)
        path = g.Path(elem=[g.PathElem(name=n) for n in ("srv6-policies", "policy", "state", "oper-state")])
        answers = call(iter([g.SubscribeRequest(subscribe=g.SubscriptionList(encoding=g.PROTO, subscription=[
            g.Subscription(path=path, mode=g.ON_CHANGE)]))]), timeout=300)
        for answer in answers:
            if answer.sync_response:
                equal(states, ["up"], "states at the beginning")
                for fibre in ("r4--r2", "r4--r3", "r4--r5"):
                    net.tell(f"cut {fibre} silent")
            states += [u.val.string_val for u in answer.update.update]
            if states[-1] == "down":
                break
    equal(states, ["up", "down"], "states that were told")
    for fibre in ("r4--r2", "r4--r3", "r4--r5"):
        net.tell(f"heal {fibre}")


def main():
    try:
        chain.require("grpc", grpc is not None, "python3-grpcio is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    topology = slower()
    return lab.chain.run("labtelemetry", [
        every_router_streams, rate_is_what_the_kernel_counted, policy_leaves_the_link_that_filled_up,
        packets_that_vanish_are_found, interface_that_goes_down_is_told_by_its_router_alone, policy_state_is_told_when_it_changes],
        kind=Streaming, topology=topology)


if __name__ == "__main__":
    sys.exit(main())
