"""Random small networks, files in every format that Karst reads, and brute force over all simple paths.

Shares nothing with the engine: the second opinion of the command line's tests.
"""
import itertools
import json
from fractions import Fraction


class Network:
    """Directed links; `fibre` ties the two directions of one fibre together."""

    def __init__(self, rnd, nodes, directed_share=0.2, links_only=False):
        self.rnd = rnd
        self.links_only = links_only
        self.nodes = [f"N{i}" for i in range(nodes)]
        self.node_unavailability = {n: 0 if links_only else self.risk() for n in self.nodes}
        self.srlg_unavailability = {s: 0 if links_only else self.risk() for s in (101, 102, 103)}
        self.links = {}
        self.services = {}  # kinds by node; filled by who asks for them, as are the links' slices
        number = 0
        pairs = list(itertools.combinations(self.nodes, 2))
        rnd.shuffle(pairs)
        wanted = rnd.randint(nodes - 1, min(len(pairs), 2 * nodes))
        for a, b in pairs[:wanted] + [rnd.choice(pairs) for _ in range(rnd.randint(0, 2))]:
            number += 1
            if rnd.random() < directed_share:
                self.add(f"e{number}", a, b, f"e{number}")
            else:
                shared = self.attributes()
                self.add(f"e{number}", a, b, f"e{number}", shared)
                self.add(f"e{number}~", b, a, f"e{number}", dict(shared))

    def risk(self):
        return self.rnd.choice([0, 0, self.rnd.randint(1, 5000)]) * 10**6  # parts per trillion

    def attributes(self):
        r = self.rnd
        return {
            "igp-metric": r.choice([1, 1, 2, 5, 10, 100]),
            "te-metric": r.choice([1, 2, 5, 10, 100]),
            "delay-us": r.choice([100, 100, 200, 500, 1000, 2500]),
            "capacity-bps": r.choice([1, 1, 2, 4, 10]) * 100_000_000,
            "unavailability": self.risk(),
            "affinity": sorted(r.sample(["gold", "silver", "bronze"], r.choice([0, 1, 1, 2]))),
            "srlg": sorted(r.sample([101, 102, 103], r.choice([0, 0, 1, 1, 2]))),
        }

    def add(self, name, a, b, fibre, attributes=None):
        link = attributes or self.attributes()
        link.update({"name": name, "from": a, "to": b, "fibre": fibre})
        self.links[name] = link

    # --- files ---

    def topology(self):
        nodes = [{"name": n, "availability": availability(u)} for n, u in self.node_unavailability.items()]
        for node in nodes:
            if self.services.get(node["name"]):
                node["service"] = self.services[node["name"]]
        links = []
        for l in self.links.values():
            entry = {k: l[k] for k in ("name", "from", "to", "igp-metric", "te-metric", "delay-us")}
            entry["capacity-bps"] = str(l["capacity-bps"])
            entry["availability"] = availability(l["unavailability"])
            if l.get("slice"):
                entry["slice"] = l["slice"]
            if l["affinity"]:
                entry["affinity"] = l["affinity"]
            if l["srlg"]:
                entry["srlg"] = [f"duct-{s}" for s in l["srlg"]]
            other = l["name"][:-1] if l["name"].endswith("~") else l["name"] + "~"
            if other in self.links:
                entry["reverse"] = other
            links.append(entry)
        return {
            "karst-topology:topology": {
                "node": nodes,
                "link": links,
                "srlg": [{"name": f"duct-{s}", "number": s, "availability": availability(u)}
                         for s, u in self.srlg_unavailability.items()],
                "affinity": [{"name": a, "bit": i} for i, a in enumerate(["gold", "silver", "bronze"])],
            }
        }

    def graphml(self):
        """All edges directed, or all undirected; only links carry values, as in the Topology Zoo."""
        directed = not any(n.endswith("~") for n in self.links)
        keys = ["igp-metric", "te-metric", "delay-us", "capacity-bps", "availability", "affinity", "srlg"]
        out = ['<?xml version="1.0" encoding="utf-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
        for k in keys:
            kind = "string" if k in ("affinity", "srlg", "availability") else "int"
            out.append(f'<key id="d-{k}" for="edge" attr.name="{k}" attr.type="{kind}"/>')
        out.append(f'<graph edgedefault="{"directed" if directed else "undirected"}">')
        out += [f'<node id="{n}"/>' for n in self.nodes]
        for l in self.links.values():
            if l["name"].endswith("~"):
                continue
            out.append(f'<edge id="{l["name"]}" source="{l["from"]}" target="{l["to"]}">')
            values = dict(l, availability=availability(l["unavailability"]), affinity=" ".join(l["affinity"]),
                          srlg=" ".join(f"duct-{s}" for s in l["srlg"]))
            out += [f'<data key="d-{k}">{values[k]}</data>' for k in keys if values[k] != ""]
            out.append("</edge>")
        return "\n".join(out + ["</graph>", "</graphml>", ""])

    def write(self, path, form):
        with open(path, "w", encoding="utf-8") as f:
            if form == "json":
                json.dump(self.topology(), f)
            elif form == "graphml":
                f.write(self.graphml())
            else:
                f.write(yaml(self.topology()))


def availability(ppt):
    text = f"{(10**12 - ppt) // 10**12}.{(10**12 - ppt) % 10**12:012d}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def yaml(value, indent=0):
    """Block style, plain scalars: as a person would write it."""
    pad = "  " * indent
    out = []
    if isinstance(value, dict):
        for k, v in value.items():
            if isinstance(v, (dict, list)) and v:
                out.append(f"{pad}{k}:\n{yaml(v, indent + 1)}")
            else:
                out.append(f"{pad}{k}: {v if v != [] else '[]'}\n")
    else:
        for v in value:
            if isinstance(v, dict):
                body = yaml(v, indent + 1)
                out.append(f"{pad}- {body.lstrip()}")
            else:
                out.append(f"{pad}- {v}\n")
    return "".join(out)


# --- brute force ---

def simple_paths(net, source, target, ok):
    """Every loopless path as a tuple of link names."""
    out = {}
    for l in net.links.values():
        if ok(l):
            out.setdefault(l["from"], []).append(l)
    stack = [(source, (), {source})]
    while stack:
        node, links, seen = stack.pop()
        if node == target:
            yield links
            continue
        for l in out.get(node, ()):
            if l["to"] not in seen:
                stack.append((l["to"], links + (l["name"],), seen | {l["to"]}))


def walks(net, source, target, ok):
    """Every walk without a repeated directed link; nodes may come again."""
    out = {}
    for l in net.links.values():
        if ok(l):
            out.setdefault(l["from"], []).append(l)
    stack = [(source, ())]
    while stack:
        node, links = stack.pop()
        if node == target and links:
            yield links
        stack += [(l["to"], links + (l["name"],)) for l in out.get(node, ()) if l["name"] not in links]


def passes(net, path, source, nodes, kinds):
    """True if the walk meets the nodes, then a service of each kind, in order."""
    at = [source] + [net.links[n]["to"] for n in path]
    stages = [lambda n, want=want: n == want for want in nodes]
    stages += [lambda n, want=want: want in net.services.get(n, ()) for want in kinds]
    for node in at:
        while stages and stages[0](node):
            stages.pop(0)
    return not stages


def total(net, path, key):
    return sum(net.links[n][key] for n in path)


def width(net, path):
    return min(net.links[n]["capacity-bps"] for n in path)


def transit(net, path):
    return [net.links[n]["to"] for n in path[:-1]]


def risks(net, path):
    """The independent risks of a path with their probabilities (as fractions of one)."""
    found = {}
    for n in path:
        link = net.links[n]
        found[("fibre", link["fibre"])] = link["unavailability"]
        for s in link["srlg"]:
            found[("srlg", s)] = net.srlg_unavailability[s]
    for n in transit(net, path):
        found[("node", n)] = net.node_unavailability[n]
    return found


def availability_of(found):
    value = Fraction(1)
    for p in found.values():
        value *= 1 - Fraction(p, 10**12)
    return value


def joint_unavailability(net, one, two):
    a, b = risks(net, one), risks(net, two)
    return 1 - availability_of(a) - availability_of(b) + availability_of({**a, **b})


def disjoint(net, one, two, kind):
    fibres = [{net.links[n]["fibre"] for n in p} for p in (one, two)]
    if fibres[0] & fibres[1]:
        return False
    groups = [{s for n in p for s in net.links[n]["srlg"]} for p in (one, two)]
    if kind in ("node", "srlg-node") and set(transit(net, one)) & set(transit(net, two)):
        return False
    return kind not in ("srlg", "srlg-node") or not groups[0] & groups[1]


def link_filter(net, q):
    def ok(l):
        if q.get("bandwidth") and l["capacity-bps"] < q["bandwidth"]:
            return False
        if q.get("slice") and q["slice"] not in l.get("slice", ()):
            return False
        if q.get("include_any") and not set(q["include_any"]) & set(l["affinity"]):
            return False
        if q.get("include_all") and not set(q["include_all"]) <= set(l["affinity"]):
            return False
        if q.get("exclude_any") and set(q["exclude_any"]) & set(l["affinity"]):
            return False
        if l["fibre"] in q.get("avoid_fibres", ()):
            return False
        if set(l["srlg"]) & set(q.get("avoid_srlg", ())):
            return False
        return not {l["from"], l["to"]} & set(q.get("avoid_node", ()))
    return ok


def feasible(net, q):
    for p in simple_paths(net, q["from"], q["to"], link_filter(net, q)):
        if q.get("max_delay") is not None and total(net, p, "delay-us") > q["max_delay"]:
            continue
        if q.get("max_hops") is not None and len(p) > q["max_hops"]:
            continue
        if q.get("max_te") is not None and total(net, p, "te-metric") > q["max_te"]:
            continue
        yield p


def score(net, q, path):
    """Smaller is better; only what the objective itself fixes."""
    if q["objective"] == "bandwidth":
        return (-width(net, path), total(net, path, "delay-us"), total(net, path, "te-metric"))
    if q["objective"] == "availability":
        return (1 - availability_of(risks(net, path)),)
    key = {"igp": "igp-metric", "te": "te-metric", "delay": "delay-us"}[q["objective"]]
    return (total(net, path, key),)


def pair_score(net, q, one, two):
    if q["objective"] == "bandwidth":
        return -min(width(net, one), width(net, two))
    if q["objective"] == "availability":
        return joint_unavailability(net, one, two)
    return score(net, q, one)[0] + score(net, q, two)[0]
