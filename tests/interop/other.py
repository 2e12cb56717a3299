#!/usr/bin/env python3
"""Somebody else at a router: an independent NETCONF client (ncclient) that does what its standard input says.

other.py PORT KEY: connects to 127.0.0.1:PORT as root, prints "ready SESSION-ID", then answers each line with one line:
    lock DS | unlock DS | discard | commit | confirm ID | cancel ID
    confirmed ID SECONDS     confirmed commit with persist
    edit COLOR NAME          merges a policy into the candidate
    remove COLOR             removes it there
    show DS                  the whole datastore, canonical, on one line
"""
import re
import sys
import xml.etree.ElementTree as ET

from ncclient import manager
from ncclient.operations.rpc import RPCError

NC = "urn:ietf:params:xml:ns:netconf:base:1.0"
POLICY = """<config xmlns="%s" xmlns:nc="%s"><srv6-policies xmlns="urn:karst:yang:karst-device">
<policy nc:operation="%%s"><color>%%s</color><endpoint>2001:db8::1</endpoint>%%s</policy></srv6-policies></config>""" % (NC, NC)
BODY = """<name>%s</name><candidate-path><preference>50</preference><segment-list><id>1</id><segment><index>1</index>
<sid>2001:db8:ffff::1</sid></segment></segment-list></candidate-path>"""


def canonical(node):
    """A text that is equal for equal data: lists may come in any order."""
    inner = sorted(canonical(c) for c in node)
    return "<%s>%s%s</>" % (node.tag, (node.text or "").strip(), "".join(inner))


def run(m, words):
    verb, args = words[0], words[1:]
    if verb == "lock":
        m.lock(args[0])
    elif verb == "unlock":
        m.unlock(args[0])
    elif verb == "discard":
        m.discard_changes()
    elif verb == "commit":
        m.commit()
    elif verb == "confirm":
        m.commit(persist_id=args[0])
    elif verb == "cancel":
        m.cancel_commit(persist_id=args[0])
    elif verb == "confirmed":
        m.commit(confirmed=True, persist=args[0], timeout=args[1])
    elif verb == "edit":
        m.edit_config(POLICY % ("merge", args[0], BODY % args[1]), target="candidate")
    elif verb == "remove":
        m.edit_config(POLICY % ("remove", args[0], ""), target="candidate")
    elif verb == "show":
        root = ET.fromstring(m.get_config(args[0]).data_xml.encode())
        return re.sub(r"\s+", " ", "".join(sorted(canonical(c) for c in root)))
    else:
        raise ValueError(verb)
    return ""


def main():
    m = manager.connect(host="127.0.0.1", port=int(sys.argv[1]), username="root", key_filename=sys.argv[2],
                        hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=30)
    print("ready", m.session_id, flush=True)
    for line in sys.stdin:
        try:
            print("ok", run(m, line.split()), flush=True)
        except RPCError as e:
            print("error", e.tag, re.sub(r"\s+", " ", e.message or ""), flush=True)


main()
