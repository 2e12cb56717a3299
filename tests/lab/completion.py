"""What a topology file of another origin lacks to be a network that forwards: IGP identities, SRv6 locators and SIDs, and
addresses of links. They are given in the order of the file; what the file says itself is never changed.
"""


def complete(topology):
    """Completes a karst-topology in place; sentences about what was given, none if the file had all."""
    nodes, links = topology["node"], topology.get("link", [])
    block = "fcbb:bbff" if any(n.get("locator") for n in nodes) else "fcbb:bb00"
    given = {"IGP identities": 0, "SRv6 locators and SIDs": 0, "End.X SIDs": 0, "addresses of links": 0, "IGP metrics (1)": 0}
    bare = set()
    for number, node in enumerate(nodes, 1):
        if not node.get("igp"):
            node["igp"] = {"protocol": "isis-l2", "asn": 65000, "router-id": system_id(number)}
            given["IGP identities"] += 1
        if not node.get("locator"):
            locator = f"{block}:{number:x}"
            if not node.get("router-id"):
                node["router-id"] = [f"2001:db8:0:{number:x}::1"]
            node["srv6"] = True
            node["locator"] = [{"prefix": f"{locator}::/48"}]
            node["sid"] = [{"sid": f"{locator}:1::", "behavior": "End", "flavors": "psp"},
                           {"sid": f"{locator}:d6::", "behavior": "End.DT6"}, {"sid": f"{locator}:d4::", "behavior": "End.DT4"}]
            bare.add(node["name"])
            given["SRv6 locators and SIDs"] += 1
    numbers = {n["name"]: i for i, n in enumerate(nodes, 1)}
    complete_links(links, numbers, bare, block, given)
    return [f"{count} {what} were given to what had none" for what, count in given.items() if count]


def complete_links(links, numbers, bare, block, given):
    by_name = {l["name"]: l for l in links}
    out = {}
    for number, link in enumerate(links, 1):
        if link["from"] in bare and not link.get("endx"):
            out[link["from"]] = out.get(link["from"], 0) + 1
            link["endx"] = [{"sid": f"{block}:{numbers[link['from']]:x}:e{out[link['from']]:03x}::", "behavior": "End.X"}]
            given["End.X SIDs"] += 1
        if "igp-metric" not in link:
            link["igp-metric"] = 1
            given["IGP metrics (1)"] += 1
        if not any(link.get(k) for k in ("local-address", "remote-address", "local-id")):
            back = by_name.get(link.get("reverse"))
            near, far = f"2001:db8:f:{number:x}::1", f"2001:db8:f:{number:x}::2"
            link["local-address"], link["remote-address"] = [near], [far]
            given["addresses of links"] += 1
            if back is not None and not back.get("local-address"):
                back["local-address"], back["remote-address"] = [far], [near]


def system_id(number):
    digits = f"{number:012d}"
    return ".".join(digits[i:i + 4] for i in (0, 4, 8))
