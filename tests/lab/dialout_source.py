"""Routers that stream to a collector, on Python's gRPC: SONiC's gNMIDialOut and Cisco's gRPCMdtDialout. The messages of the
latter are written by hand, from Cisco's published field numbers."""
import os
import struct
import sys
import threading
import time

import grpc

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gnmi_target

g = gnmi_target.g
SONIC = "/gnmi.sonic.gNMIDialOut/Publish"
CISCO = "/mdt_dialout.gRPCMdtDialout/MdtDialout"


def varint(n):
    out = b""
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def number(field, value):
    return varint(field << 3) + varint(value)


def octets(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def field(name, value=None, below=(), at=None):
    """A TelemetryField."""
    out = number(1, at) if at is not None else b""
    out += octets(2, name)
    if isinstance(value, str):
        out += octets(5, value)
    elif isinstance(value, float):
        out += varint(11 << 3 | 1) + struct.pack("<d", value)
    elif value is not None:
        out += number(8, value)
    return out + b"".join(octets(15, b) for b in below)


def cisco_message(path, rows, at_ms):
    """An MdtDialoutArgs: rows are (keys, content), content names may be a/b."""
    body = octets(1, "xr-1") + octets(3, "sub") + octets(6, path) + number(10, at_ms)
    for keys, content in rows:
        row = field("", below=[field("keys", below=[field(k, v) for k, v in keys.items()]),
                               field("content", below=[field(k, v) for k, v in content.items()])], at=at_ms)
        body += octets(11, row)
    return number(1, 1) + octets(2, body)


def sonic_message(interface, out_octets, at_ns):
    n = g.Notification(timestamp=at_ns)
    for name, keys in (("interfaces", {}), ("interface", {"name": interface}), ("state", {}), ("counters", {})):
        n.prefix.elem.add(name=name, key=keys)
    u = n.update.add()
    u.path.elem.add(name="out-octets")
    u.val.uint_val = out_octets
    return g.SubscribeResponse(update=n).SerializeToString()


class Source:
    """One stream: messages from make(octets so far, time in ns), several a second, at a rate."""

    def __init__(self, address, method, make, credentials=None, interval=0.2):
        self.bps, self.octets, self.interval, self.make = 0, 0.0, interval, make
        self.channel = grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)
        self.running = True
        call = self.channel.stream_stream(method, request_serializer=lambda b: b, response_deserializer=lambda b: b)
        self.call = call(self.messages(), wait_for_ready=True)
        self.error = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def messages(self):
        last = time.monotonic()
        while self.running:
            now = time.monotonic()
            self.octets += self.bps / 8 * (now - last)
            last = now
            yield self.make(int(self.octets), time.time_ns())
            time.sleep(self.interval)

    def read(self):
        try:
            for _ in self.call:
                pass
        except grpc.RpcError as error:
            self.error = error.code()

    def stop(self):
        self.running = False
        self.call.cancel()
        self.channel.close()
