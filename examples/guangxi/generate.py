#!/usr/bin/env python3
"""Generates the example network: Guangxi's e-government network in two planes.

    generate.py [--json] [--sites sites.csv]

writes the topology (an instance of karst-topology) to standard output, as YAML or as RFC 7951 JSON.
Same input, same bytes: topology.yaml beside this file is its output, and a test compares the two.

What is real: the names and positions of the counties (sites.csv). What is made up, by the rules
below: the routers, fibres, capacities, delays (great circle x 1.3 at 5 us/km), availabilities,
ducts and addresses. Only the standard library is used.

The shape. Each plane (a and b) has two core routers in Nanning, two routers in each of the 14
cities and one in each county. A city's two routers stand at two sites of the city; router 1 has
its uplink to core 1 along the shortest way over the 20 stretches between cities, router 2 to core 2
along a way that avoids those stretches where there is one. Neighbouring cities have a direct link
too. A county's router is at home at both routers of its city, or, if it is far away, at one of them
and at the next county. The planes meet at the cores and once in each city.
"""
import argparse
import csv
import ipaddress
import json
import math
import re
import sys
from pathlib import Path

PLANES = "ab"
ASN = 65010
ROUTE_FACTOR = 1.3  # a fibre is longer than the great circle
US_PER_KM = 5
FAR_KM = 110  # a county further from its city than this has its second link to the next county
G = 10**9

# The white paper counts 113 counties and districts: these two zones with the 111 rows of sites.csv.
ZONES = [
    ("南宁市", "nanning", "高新区", "gaoxin", 22.8571, 108.2879),
    ("柳州市", "liuzhou", "柳东新区", "liudong", 24.3706, 109.5470),
]

# Neighbouring cities between which there is a fibre route.
STRETCHES = [
    ("guilin", "liuzhou"), ("guilin", "hezhou"), ("hezhou", "wuzhou"), ("wuzhou", "guigang"),
    ("wuzhou", "yulin"), ("yulin", "guigang"), ("guigang", "nanning"), ("guigang", "laibin"),
    ("laibin", "liuzhou"), ("laibin", "nanning"), ("liuzhou", "hechi"), ("hechi", "baise"),
    ("baise", "nanning"), ("baise", "chongzuo"), ("chongzuo", "nanning"),
    ("chongzuo", "fangchenggang"), ("fangchenggang", "qinzhou"), ("qinzhou", "nanning"),
    ("qinzhou", "beihai"), ("beihai", "yulin"),
]

# Stretches with one duct for both planes: mountains and the coast road.
ONE_DUCT = {
    ("hechi", "baise"), ("guilin", "hezhou"), ("baise", "chongzuo"),
    ("chongzuo", "fangchenggang"), ("beihai", "yulin"),
}

AFFINITIES = {
    "plane-a": 0, "plane-b": 1, "cross-plane": 2, "core": 3, "gold": 4, "access": 5,
    "shared-duct": 6, "leased": 33,
}

CITY_UPLINK_BPS = {"nanning": 100 * G, "liuzhou": 40 * G, "guilin": 40 * G, "wuzhou": 20 * G,
                   "yulin": 20 * G, "baise": 20 * G, "hechi": 20 * G, "guigang": 20 * G}
CITY_UPLINK_OTHERS_BPS = 10 * G

SERVICES = {"nanning-core-a1": ["conference-bridge", "firewall"],
            "nanning-core-b1": ["conference-bridge", "firewall"],
            "liuzhou-a1": ["video-cache"], "guilin-a1": ["video-cache"],
            "yulin-b1": ["video-cache"]}


def distance_km(a, b):
    """Great-circle distance of two (latitude, longitude) pairs."""
    (lat1, lon1), (lat2, lon2) = [tuple(map(math.radians, p)) for p in (a, b)]
    h = (math.sin((lat2 - lat1) / 2) ** 2
         + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2)
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def read_sites(path):
    """Cities in the order of the file: name -> {label, at, counties: [(name, label, at)]}."""
    cities = {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(r["city"], r["city_pinyin"], r["county"], r["county_pinyin"],
                 float(r["latitude"]), float(r["longitude"])) for r in csv.DictReader(file)]
    for city, city_pinyin, county, pinyin, latitude, longitude in rows + ZONES:
        at = (latitude, longitude)
        entry = cities.setdefault(city_pinyin, {"label": city.rstrip("市"), "at": at,
                                                "counties": []})
        entry["counties"].append((pinyin, county, at))
    for entry in cities.values():
        entry["second"] = second_site(entry)
    return cities


def second_site(city):
    """Where router 2 of a city stands: the nearest other district that is 3 to 30 km away."""
    near = sorted((distance_km(city["at"], at), at) for _, _, at in city["counties"])
    fit = [at for km, at in near if 3 <= km <= 30]
    return fit[0] if fit else (round(city["at"][0] + 0.03, 4), city["at"][1])


def stretch_key(a, b):
    return (a, b) if (a, b) in STRETCHES else (b, a)


def stretch_km(cities, stretch):
    return distance_km(cities[stretch[0]]["at"], cities[stretch[1]]["at"]) * ROUTE_FACTOR


def shortest_way(cities, start, end, avoid=()):
    """Stretches from city to city, the shortest way that avoids some; None if there is none."""
    best = {start: (0.0, [])}
    todo = {start}
    while todo:
        at = min(todo, key=lambda c: (best[c][0], c))
        todo.remove(at)
        if at == end:
            return best[at][1]
        for stretch in STRETCHES:
            if at not in stretch or stretch in avoid:
                continue
            to = stretch[1] if stretch[0] == at else stretch[0]
            km = best[at][0] + stretch_km(cities, stretch)
            if to not in best or km < best[to][0]:
                best[to] = (km, best[at][1] + [stretch])
                todo.add(to)
    return None


class Network:
    """Collects nodes, links and shared risks; numbers follow the order of adding."""

    def __init__(self):
        self.nodes, self.links, self.srlgs = {}, [], {}
        self.fibres = 0
        self.adjacencies = {}

    def node(self, name, label, site, at, tier):
        number = len(self.nodes) + 1
        depth = {"core": 10, "city": 8, "county": 6}[tier]
        locator = f"fcbb:bb00:{number:x}"
        self.nodes[name] = {
            "name": name, "label": label, "site": site,
            "latitude": decimal(at[0], 6), "longitude": decimal(at[1], 6),
            "router-id": [address(f"2001:db8:0:{number:x}::1")],
            "igp": {"protocol": "isis-l2", "asn": ASN,
                    "router-id": f"4500.0000.{number:04d}"},
            "availability": decimal({"core": 0.99999, "city": 0.99995, "county": 0.9999}[tier], 12),
            "service": SERVICES.get(name, []),
            "srv6": True, "algorithm": [0],
            "msd": [{"type": "max-segments-left", "value": 10},
                    {"type": "max-end-pop", "value": 10},
                    {"type": "max-h-encaps", "value": depth},
                    {"type": "max-end-d", "value": 10}],
            "locator": [{"prefix": f"{address(locator + '::')}/48"}],
            "sid": [sid(f"{locator}:1::", "End", "psp"), sid(f"{locator}:d6::", "End.DT6", None)],
        }
        self.adjacencies[name] = 0

    def srlg(self, name, km):
        """A duct; what is dug up in it takes all its fibres."""
        if name not in self.srlgs:
            self.srlgs[name] = {"name": name, "number": 1000 + len(self.srlgs),
                                "availability": decimal(1 - cut_rate(km), 12)}
        return name

    def fibre(self, a, b, km, **what):
        """Two links, each the reverse of the other."""
        self.fibres += 1
        net = f"2001:db8:1:{self.fibres:x}"
        name = (link_name(a, b), link_name(b, a))
        ends = (address(f"{net}::1"), address(f"{net}::2"))
        if any(link["name"] == name[0] for link in self.links):
            name = (name[0] + "--2", name[1] + "--2")
        self.links.append(self.link(name[0], name[1], a, b, ends, km, **what))
        self.links.append(self.link(name[1], name[0], b, a, ends[::-1], km, **what))

    def link(self, name, reverse, a, b, ends, km, *, bps, metric, affinity, srlg=(), slices=(),
             own_km=None):
        self.adjacencies[a] += 1
        delay_us = max(5, round(km * US_PER_KM))
        locator = self.nodes[a]["locator"][0]["prefix"].split("::")[0]
        # The ducts carry their own risk; what is left to the link is its equipment and its own cable.
        risk = 0.00001 + cut_rate(km if own_km is None else own_km)
        return {
            "name": name, "from": a, "to": b, "reverse": reverse,
            "local-address": [ends[0]], "remote-address": [ends[1]],
            "igp-metric": metric, "te-metric": max(1, delay_us // 10), "delay-us": delay_us,
            "capacity-bps": bps, "subscription-ppm": 800000 if bps < 10 * G else 900000,
            "availability": decimal(1 - risk, 12), "affinity": list(affinity),
            "srlg": list(srlg), "slice": list(slices),
            "endx": [sid(f"{locator}:{0xe000 + self.adjacencies[a]:x}::", "End.X", None)],
        }


def cut_rate(km):
    """Unavailability of a buried cable: a cut every 400 km and year, repaired in 8 hours."""
    return km / 400 * 8 / 8760


def decimal(value, digits):
    """As RFC 7951 wants it: no exponent, no trailing zeros but one."""
    text = f"{value:.{digits}f}".rstrip("0")
    return Decimal(text + "0" if text.endswith(".") else text)


class Decimal(str):
    """A decimal64: a bare number in YAML, a string in JSON."""


def address(text):
    return str(ipaddress.ip_address(text))


def sid(text, behavior, flavors):
    entry = {"sid": address(text), "behavior": behavior}
    if flavors:
        entry["flavors"] = flavors
    entry["structure"] = {"block-length": 32, "node-length": 16, "function-length": 16,
                          "argument-length": 0}
    return entry


def link_name(a, b):
    return f"{a}--{b}"


def add_nodes(net, cities):
    nanning = cities["nanning"]
    for plane in PLANES:
        for k in (1, 2):
            net.node(f"nanning-core-{plane}{k}", f"南宁核心{plane.upper()}{k}", f"nanning-{k}",
                     nanning["at"] if k == 1 else nanning["second"], "core")
    for name, city in cities.items():
        for plane in PLANES:
            for k in (1, 2):
                net.node(f"{name}-{plane}{k}", f"{city['label']}{plane.upper()}{k}",
                         f"{name}-{k}", city["at"] if k == 1 else city["second"], "city")
    for name, city in cities.items():
        for county, label, at in city["counties"]:
            for plane in PLANES:
                net.node(f"{name}-{county}-{plane}", f"{label}{plane.upper()}",
                         f"{name}-{county}", at, "county")


def duct(net, cities, stretch, plane):
    """The shared risk of a stretch: one for each plane, or one for both."""
    name = f"duct-{stretch[0]}-{stretch[1]}"
    if stretch not in ONE_DUCT:
        name += f"-{plane}"
    return net.srlg(name, stretch_km(cities, stretch))


def add_core(net, cities):
    km = distance_km(cities["nanning"]["at"], cities["nanning"]["second"]) * ROUTE_FACTOR
    for plane in PLANES:
        for _ in range(2):  # two fibres side by side: only End.X tells them apart
            net.fibre(f"nanning-core-{plane}1", f"nanning-core-{plane}2", km, bps=100 * G,
                      metric=10, affinity=[f"plane-{plane}", "core", "gold"],
                      srlg=[net.srlg(f"duct-nanning-{plane}", km)], own_km=0,
                      slices=["conference"])
    for k in (1, 2):
        net.fibre(f"nanning-core-a{k}", f"nanning-core-b{k}", 0.2, bps=100 * G, metric=500,
                  affinity=["cross-plane", "core"], slices=["conference"])


def add_uplink(net, cities, name, plane, k, way):
    """From a city's router k to core k over the ducts of the way."""
    km = sum(stretch_km(cities, s) for s in way)
    ducts = [duct(net, cities, s, plane) for s in way]
    affinity = [f"plane-{plane}", "core"]
    affinity.append("shared-duct" if any(s in ONE_DUCT for s in way) else "gold")
    if not way:
        km = 0.5
    net.fibre(f"{name}-{plane}{k}", f"nanning-core-{plane}{k}", km,
              bps=CITY_UPLINK_BPS.get(name, CITY_UPLINK_OTHERS_BPS), metric=100 + round(km),
              affinity=affinity, srlg=ducts, own_km=0.5, slices=["conference"])


def add_cities(net, cities):
    for name, city in cities.items():
        first = shortest_way(cities, name, "nanning")
        second = shortest_way(cities, name, "nanning", avoid=set(first)) or first
        across = distance_km(city["at"], city["second"]) * ROUTE_FACTOR
        for plane in PLANES:
            add_uplink(net, cities, name, plane, 1, first)
            add_uplink(net, cities, name, plane, 2, second)
            net.fibre(f"{name}-{plane}1", f"{name}-{plane}2", across,
                      bps=CITY_UPLINK_BPS.get(name, CITY_UPLINK_OTHERS_BPS), metric=20,
                      affinity=[f"plane-{plane}", "core", "gold"],
                      srlg=[net.srlg(f"duct-{name}-{plane}", across)], own_km=0,
                      slices=["conference"])
        net.fibre(f"{name}-a1", f"{name}-b1", 0.2, bps=10 * G, metric=500,
                  affinity=["cross-plane"], slices=["conference"])


def add_stretches(net, cities):
    """Direct links between neighbouring cities, by turns at their routers 1 and 2."""
    for at, stretch in enumerate(STRETCHES):
        km = stretch_km(cities, stretch)
        for plane in PLANES:
            affinity = [f"plane-{plane}", "core",
                        "shared-duct" if stretch in ONE_DUCT else "gold"]
            net.fibre(f"{stretch[0]}-{plane}{1 + at % 2}", f"{stretch[1]}-{plane}{1 + at % 2}", km,
                      bps=10 * G, metric=150 + round(km), affinity=affinity,
                      srlg=[duct(net, cities, stretch, plane)], own_km=0,
                      slices=["conference"])


def county_bps(label, km):
    if label.endswith("区"):
        return 10 * G
    return 2 * G if label.endswith("市") or km < 60 else 1 * G


def next_county(city, county):
    """The nearest county that is nearer to the city than this one."""
    name, _, at = county
    mine = distance_km(city["at"], at)
    return min((distance_km(at, other), key) for key, _, other in city["counties"]
               if key != name and distance_km(city["at"], other) < mine)


def add_county(net, name, city, county, plane):
    key, label, at = county
    router = f"{name}-{key}-{plane}"
    km = [max(1.0, distance_km(at, city[place]) * ROUTE_FACTOR) for place in ("at", "second")]
    bps = county_bps(label, km[0])
    slices = ["conference"] if plane == "a" or bps >= 2 * G else []
    affinity = [f"plane-{plane}", "access"]
    # The cables of both planes leave a rural county through one duct towards the city's first site.
    rural = label.endswith("县")
    first = [net.srlg(f"duct-{name}-{key}", km[0])] if rural else []
    net.fibre(router, f"{name}-{plane}1", km[0], bps=bps, metric=200 + round(km[0]),
              affinity=affinity + (["shared-duct"] if rural else []), srlg=first,
              own_km=0 if rural else None, slices=slices)
    if distance_km(city["at"], at) > FAR_KM:
        hop, other = next_county(city, county)
        net.fibre(router, f"{name}-{other}-{plane}", hop * ROUTE_FACTOR, bps=1 * G,
                  metric=250 + round(hop * ROUTE_FACTOR), affinity=affinity + ["leased"],
                  slices=slices)
    else:
        net.fibre(router, f"{name}-{plane}2", km[1], bps=bps, metric=220 + round(km[1]),
                  affinity=affinity, slices=slices)


def build(cities):
    net = Network()
    add_nodes(net, cities)
    add_core(net, cities)
    add_cities(net, cities)
    add_stretches(net, cities)
    for name, city in cities.items():
        for county in city["counties"]:
            for plane in PLANES:
                add_county(net, name, city, county, plane)
    return {
        "node": list(net.nodes.values()),
        "link": net.links,
        "prefix": [{"node": n["name"], "prefix": n["router-id"][0] + "/128", "metric": 0}
                   for n in net.nodes.values()],
        "srlg": list(net.srlgs.values()),
        "affinity": [{"name": k, "bit": v} for k, v in AFFINITIES.items()],
    }


def flow(value):
    """One value in YAML's flow style; empty lists were left out before."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in value.items() if v != []) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return value if re.fullmatch(r"[A-Za-z][A-Za-z0-9.-]*", value) else json.dumps(
        value, ensure_ascii=False)


def print_yaml(topology, out):
    out.write("# Made by generate.py from sites.csv; edit those, not this.\n")
    out.write("karst-topology:topology:\n")
    for kind, entries in topology.items():
        out.write(f"  {kind}:\n")
        for entry in entries:
            out.write(f"    - {flow(entry)}\n")


def for_json(value, key=None):
    """RFC 7951: 64-bit numbers and decimals are strings."""
    if isinstance(value, dict):
        return {k: for_json(v, k) for k, v in value.items() if v != []}
    if isinstance(value, list):
        return [for_json(v, key) for v in value]
    return str(value) if key == "capacity-bps" or isinstance(value, Decimal) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="RFC 7951 JSON instead of YAML")
    parser.add_argument("--sites", default=Path(__file__).with_name("sites.csv"),
                        help="table of the counties")
    options = parser.parse_args()
    topology = build(read_sites(options.sites))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if options.json:
        json.dump({"karst-topology:topology": for_json(topology)}, sys.stdout, indent=1,
                  ensure_ascii=False)
        print()
    else:
        print_yaml(topology, sys.stdout)


if __name__ == "__main__":
    main()
