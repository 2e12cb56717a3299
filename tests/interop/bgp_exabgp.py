#!/usr/bin/env python3
"""exabgp 4 and Karst: exabgp sends BGP-LS octets of the lab's encoder as raw attributes, and malformed ones; Karst
must hold exactly what was sent, refuse what is malformed, and end the session only where framing is lost."""
import json
import os
import shutil
import signal
import subprocess
import tempfile

from bgp_common import KARST, PROBE, Probe, check, free_port, skip, stop

CONFIG = """
neighbor 127.0.0.1 {
  router-id 10.0.0.9;
  local-address 127.0.0.4;
  local-as 65001;
  peer-as 65001;
  connect %d;
  family { ipv4 unicast; bgp-ls bgp-ls; }
  static {
%s
  }
}
"""
MALFORMED_ATTR = "04470003000 00a044400030000aa".replace(" ", "")  # TE metric of 3 octets
COUNT = 40


def mp_parts(message):
    """MP_REACH_NLRI and attribute 29 of an UPDATE as hex."""
    body, parts = bytes.fromhex(message)[23:], {}
    while body:
        length = int.from_bytes(body[2:4], "big")
        parts[body[1]] = body[4:4 + length].hex()
        body = body[4 + length:]
    return parts[14], parts[29]


def route(i, reach, attr):
    return (f"    route 203.0.113.{i}/32 next-hop 127.0.0.1 attribute [0x0e 0x90 0x{reach}]"
            + (f" attribute [0x1d 0x90 0x{attr}];" if attr else ";"))


def run_exabgp(folder, port, routes):
    path = os.path.join(folder, "exabgp.conf")
    open(path, "w").write(CONFIG % (port, "\n".join(routes)))
    env = dict(os.environ, **{"exabgp.daemon.user": "root", "exabgp.daemon.drop": "false", "exabgp.tcp.bind": "",
                              "exabgp.api.cli": "false", "exabgp.log.level": "ERR"})
    return subprocess.Popen(["exabgp", path], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True)


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def decoded(messages):
    out = subprocess.run([KARST, "bgpls", "decode", "--kind", "update"], input="\n".join(messages) + "\n", capture_output=True,
                         text=True, check=True).stdout
    return [json.loads(line)["nlri"][0] for line in out.splitlines()]


def identity(nlri):
    return (nlri["type"].split("-")[0].replace("srv6", "sid"), nlri["local"]["igp_router_id_hex"])


def as_source(folder):
    messages = subprocess.run([PROBE, "encode", str(COUNT), "100"], capture_output=True, text=True,
                              check=True).stdout.split()
    want = sorted(map(identity, decoded(messages)))
    port = free_port()
    probe = Probe("wait", "127.0.0.4", "127.0.0.1", port, 65001, 65001, "ipv4")
    exabgp = run_exabgp(folder, port, [route(i + 1, *mp_parts(m)) for i, m in enumerate(messages)])
    try:
        probe.event("up")
        got = []
        while len(got) < len(want):
            got.append(probe.until(f"object {len(got) + 1} of {len(want)}", lambda x: "set" in x)[-1])
        have = sorted((x["set"], x.get("local", x.get("node"))) for x in got)
        check(have == want, f"sent {want}, arrived {have}")
    finally:
        end(exabgp)
    probe.event("down")
    probe.stop()
    print(f"{COUNT} objects as raw attributes")
    return messages


def malformed(folder, messages):
    links = [m for m, n in zip(messages, decoded(messages)) if n["type"] == "link"]
    good_reach, good_attr = mp_parts(links[0])
    bad_reach, _ = mp_parts(links[1])
    port = free_port()
    probe = Probe("wait", "127.0.0.4", "127.0.0.1", port, 65001, 65001, "ipv4")
    exabgp = run_exabgp(folder, port, [route(1, bad_reach, MALFORMED_ATTR), route(2, good_reach, good_attr)])
    try:
        probe.event("up")
        got = {x["local"]: x for x in (probe.until("two links", lambda x: "set" in x)[-1] for _ in range(2))}
        bad, good = (decoded([m])[0]["local"]["igp_router_id_hex"] for m in (links[1], links[0]))
        check(got[bad]["unusable"] and "igp" not in got[bad], f"link with a malformed attribute: {got[bad]}")
        check(not got[good]["unusable"], f"link with a good attribute: {got[good]}")
    finally:
        end(exabgp)
    probe.event("down")
    probe.stop()
    print("a malformed attribute 29 leaves its link unusable and the session up")


def framing(folder, messages):
    reach, attr = mp_parts(messages[0])
    port = free_port()
    probe = Probe("wait", "127.0.0.4", "127.0.0.1", port, 65001, 65001, "ipv4")
    exabgp = run_exabgp(folder, port, [route(1, reach[:-2], attr)])  # one octet short
    try:
        probe.event("up")
        text = probe.event("down")[-1]["text"]
        check("Optional Attribute Error" in text and "exceeds" in text, f"lost framing is reported as: {text}")
    finally:
        end(exabgp)
    probe.stop()
    print(f"lost framing: {text}")


def main():
    if not shutil.which("exabgp"):
        skip("exabgp", "exabgp is lacking (Debian package exabgp)")
    with tempfile.TemporaryDirectory() as folder:
        messages = as_source(folder)
        malformed(folder, messages)
        framing(folder, messages)


main()
