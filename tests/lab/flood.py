#!/usr/bin/env python3
"""Fills one link of the lab with real traffic that nobody booked: flood.py INTERFACE ADDRESS BPS, in the namespace of the
router that the link leaves, until it is ended. UDP of 1400 octets to the link-local address of the neighbour, so that it
takes this very link; many datagrams are handed over at once (UDP_SEGMENT), so a gigabit costs little.
"""
import socket
import sys
import time

OCTETS, SEGMENTS = 1400, 40
HEADS = 8 + 40 + 14  # of UDP, IPv6 and Ethernet, which the kernel counts too
UDP_SEGMENT = 103


def main():
    interface, address, bps = sys.argv[1], sys.argv[2], float(sys.argv[3])
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_UDP if hasattr(socket, "SOL_UDP") else 17, UDP_SEGMENT, OCTETS)
    # Whoever waits for room here would not keep to the rate.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    to = (address, 9, 0, socket.if_nametoindex(interface))
    packet = bytes(OCTETS * SEGMENTS)
    gap = SEGMENTS * (OCTETS + HEADS) * 8 / bps
    due = time.monotonic()
    while True:
        try:
            s.sendto(packet, to)
        except ConnectionRefusedError:
            pass  # nobody listens there, and nobody has to
        # What could not be sent in time is not made up for.
        due = max(due + gap, time.monotonic() - 0.05)
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
