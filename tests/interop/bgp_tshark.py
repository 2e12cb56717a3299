#!/usr/bin/env python3
"""tshark as independent decoder: what the lab's encoder writes is well formed for it, and node, link and prefix
NLRIs have the values that Karst's decoder reads (tshark 4.0 knows no SRv6 TLV and no NLRI of type 6)."""
import json
import os
import shutil
import struct
import subprocess
import tempfile

from bgp_common import KARST, PROBE, check, skip

COUNT = 400


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(i, payload):
    """One Ethernet frame of a TCP stream of its own to port 179."""
    src, dst = bytes([127, 0, 0, 1]), bytes([127, 0, 0, 2])
    tcp = struct.pack("!HHIIBBHHH", 10000 + i, 179, 1, 1, 0x50, 0x18, 65535, 0, 0)
    tcp = tcp[:16] + struct.pack("!H", checksum(src + dst + struct.pack("!BBH", 0, 6, len(tcp) + len(payload)) + tcp + payload)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp) + len(payload), i, 0, 64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]) + ip + tcp + payload


def write_pcap(path, messages):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for i, m in enumerate(messages):
            p = packet(i, bytes.fromhex(m))
            f.write(struct.pack("<IIII", 1700000000 + i, 0, len(p), len(p)) + p)


def details(path):
    """tshark's tree of every frame as JSON."""
    out = subprocess.run(["tshark", "-r", path, "-T", "json", "-J", "bgp frame _ws.malformed"], capture_output=True, text=True,
                         check=True).stdout
    # a frame holds several members of one name: pairs, not dictionaries
    return json.loads(out, object_pairs_hook=list)


def numbers(tree, key):
    """All values under a key, anywhere in the tree of pairs; hexadecimal ones as decimals."""
    found = []
    if not isinstance(tree, (list, tuple)):
        return found
    if isinstance(tree, tuple) and tree[0] == key and isinstance(tree[1], str):
        return [str(int(tree[1], 16)) if tree[1].startswith("0x") else tree[1]]
    for part in tree:
        found += numbers(part, key)
    return found


def compare(layers, ours):
    """What both decoders read; returns how many values were compared."""
    nlri, attr, n = ours["nlri"][0], ours["attr"], 0
    check("_ws.malformed" not in json.dumps(layers), f"tshark finds it malformed: {ours}")
    check(numbers(layers, "bgp.ls.nlri_type") == [str(nlri["nlri_type"])], f"NLRI type: {ours}")
    for key, value in (("bgp.ls.tlv.te_default_metric_value", attr.get("te_metric")),
                       ("bgp.ls.tlv.metric_value", attr.get("igp_metric")),
                       ("bgp.ls.tlv.node_name_value", attr.get("node_name")),
                       ("bgp.ls.tlv.link_name_attribute_value", attr.get("link_name")),
                       ("bgp.ls.tlv.prefix_metric_value", attr.get("prefix_metric")),
                       ("bgp.ls.igp_te_metric.delay_value", attr.get("delay_us", {}).get("value")),
                       ("bgp.ls.igp_te_metric.link_loss_value", attr.get("loss", {}).get("units_3e6pct")),
                       ("bgp.ls.nlri_multi_topology_id", nlri.get("mt_ids", [None])[0]),
                       ("bgp.ls.nlri_link_local_identifier", nlri.get("link", {}).get("local_id"))):
        theirs = numbers(layers, key)
        if value is None or not theirs:
            continue
        n += 1
        check(theirs == [str(value)], f"{key}: tshark {theirs}, Karst {value}")
    for side in ("local", "remote"):
        asn = nlri.get(side, {}).get("asn")
        if asn is not None:
            n += 1
            check(str(asn) in numbers(layers, "bgp.ls.tlv.autonomous_system.id"), f"AS {asn} of {ours}")
    return n


def main():
    if not shutil.which("tshark"):
        skip("tshark", "tshark is lacking (Debian package tshark)")
    messages = subprocess.run([PROBE, "encode", str(COUNT), "7"], capture_output=True, text=True, check=True).stdout.split()
    lines = subprocess.run([KARST, "bgpls", "decode", "--kind", "update"], input="\n".join(messages) + "\n", capture_output=True,
                           text=True, check=True).stdout.splitlines()
    ours = [json.loads(line) for line in lines]
    pairs = [(m, o) for m, o in zip(messages, ours) if o["nlri"][0]["nlri_type"] <= 4]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bgp.pcap")
        write_pcap(path, [m for m, _ in pairs])
        compared = sum(compare(layers, o) for layers, (_, o) in zip(details(path), pairs))
    check(compared > len(pairs), f"only {compared} values were compared")
    print(f"{len(pairs)} UPDATEs are well formed for tshark, {compared} values agree")


main()
