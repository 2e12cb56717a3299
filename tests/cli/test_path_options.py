#!/usr/bin/env python3
"""`karst path FILE` with alternatives, vias, services, slices and every kind of pair, against brute force."""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")
SEEDS = int(os.environ.get("KARST_TEST_SEEDS", "500")) // 2
FIRST = int(os.environ.get("KARST_TEST_FIRST_SEED", "1"))
TOLERANCE = 10**-9
KINDS = ["link", "node", "srlg", "srlg-node", "availability"]
WEAKER = {"srlg-node": "srlg", "srlg": "link", "node": "link", "link": "availability"}


def network(rnd, most):
    net = oracle.Network(rnd, rnd.randint(3, most))
    for link in net.links.values():
        link["slice"] = rnd.choice([["blue"], ["red"], ["blue", "red"]])
    for node in net.nodes:
        if rnd.random() < 0.4:
            net.services[node] = [rnd.choice(["cache", "firewall"])]
    return net


def question(rnd, net):
    q = {"objective": rnd.choice(["igp", "te", "delay", "bandwidth", "availability"])}
    q["from"], q["to"] = rnd.sample(net.nodes, 2)
    if rnd.random() < 0.3:
        q["slice"] = rnd.choice(["blue", "red"])
    if rnd.random() < 0.2:
        q["max_delay"] = rnd.randint(5, 60) * 100
    if rnd.random() < 0.2:
        q["bandwidth"] = rnd.choice([1, 2]) * 100_000_000
    return q


def command(path, q, more):
    args = [KARST, "path", path, "--from", q["from"], "--to", q["to"], "--objective", q["objective"], "-o", "json"]
    for key, option in (("slice", "--slice"), ("max_delay", "--max-delay"), ("bandwidth", "--bandwidth")):
        if key in q:
            args += [option, f"{q[key]}us" if key == "max_delay" else str(q[key])]
    return args + more


def values(net, answer):
    path = tuple(answer["link"])
    facts = {"igp-metric": oracle.total(net, path, "igp-metric"), "delay-us": oracle.total(net, path, "delay-us"),
             "te-metric": oracle.total(net, path, "te-metric"), "residual-bps": oracle.width(net, path),
             "hops": len(path)}
    wrong = [k for k, v in facts.items() if int(answer[k]) != v]
    return f"{wrong} of {path}" if wrong else None


def worse(net, q, got, best):
    """What is wrong with a path where another one could be had."""
    have, want = oracle.score(net, q, got), oracle.score(net, q, best)
    if abs(have[0] - want[0]) > (TOLERANCE if q["objective"] == "availability" else 0):
        return f"{got} scores {[float(x) for x in have]}, {best} {[float(x) for x in want]}"
    return None if q["objective"] == "availability" or have == want else f"{got} ties worse than {best}"


def alternatives(rnd, net, q, ask):
    k = rnd.randint(2, 6)
    output = ask(["--k", str(k)])
    left = list(oracle.feasible(net, q))
    got = [tuple(p["link"]) for p in output.get("path", [])]
    if len(got) != min(k, len(left)) or len(set(got)) != len(got):
        return f"{len(got)} of {len(left)} paths, {k} asked"
    for path, answer in zip(got, output.get("path", [])):
        if path not in left:
            return f"{path} breaks a constraint"
        wrong = values(net, answer) or worse(net, q, path, min(left, key=lambda p: oracle.score(net, q, p)))
        if wrong:
            return wrong
        left.remove(path)
    return None


def diverse(rnd, net, q, ask):
    k = rnd.randint(2, 4)
    output = ask(["-k", str(k), "--diverse"])
    paths = set(oracle.feasible(net, q))
    used, got = [], [tuple(p["link"]) for p in output.get("path", [])]
    if bool(got) != bool(paths):
        return f"{len(got)} of {len(paths)} paths"

    def overlap(path):
        return sum(f in {net.links[n]["fibre"] for n in path} for f in used)

    for path in got:
        if path not in paths:
            return f"{path} breaks a constraint"
        least = min(map(overlap, paths))
        if overlap(path) != least:
            return f"{path} overlaps {overlap(path)} times, not {least}"
        wrong = worse(net, q, path, min((p for p in paths if overlap(p) == least),
                                        key=lambda p: oracle.score(net, q, p)))
        if wrong:
            return wrong
        used += [net.links[n]["fibre"] for n in path]
    return None


def pair_value(net, q, kind, largest, one, two):
    if "availability" in (kind, q["objective"]):
        return oracle.joint_unavailability(net, one, two)
    if q["objective"] == "bandwidth":
        return -min(oracle.width(net, one), oracle.width(net, two))
    scores = [oracle.score(net, q, p)[0] for p in (one, two)]
    return (max(scores), sum(scores)) if largest else sum(scores)


def pair(rnd, net, q, ask):
    kind, largest = rnd.choice(KINDS), rnd.random() < 0.3
    output = ask(["--disjoint", kind] + (["--pair-objective", "maximum"] if largest else []))
    paths = sorted(oracle.feasible(net, q))
    answers = output.get("path", [])
    if len(paths) < 2:
        return f"{len(answers)} paths of {len(paths)}" if answers else None
    asked = kind
    while True:
        pairs = [(a, b) for a in paths for b in paths
                 if a < b and (kind == "availability" or oracle.disjoint(net, a, b, kind))]
        if pairs:
            break
        kind = WEAKER[kind]
    told = [(r["asked"], r["got"]) for r in output.get("relaxed", [])]
    if told != ([] if kind == asked else [(asked, kind)]):
        return f"relaxed {told}, {asked} asked, {kind} there is"
    if len(answers) != 2:
        return f"{len(answers)} paths; there is {pairs[0]}"
    got = tuple(sorted(tuple(p["link"]) for p in answers))
    if got not in pairs:
        return f"{got} is no {kind} pair"
    have = pair_value(net, q, kind, largest, *got)
    # one path twice is no pair, but no pair can be worse than it
    want = min(pair_value(net, q, kind, largest, *p) for p in pairs)
    if have != want and not (not isinstance(have, tuple) and abs(have - want) < TOLERANCE * (have < 1)):
        return f"{got} is worth {have}, the best pair {want}"
    return values(net, answers[0]) or values(net, answers[1])


def via(rnd, net, q, ask):
    nodes = [rnd.choice(net.nodes) for _ in range(rnd.choice([0, 1, 1, 2]))]
    kinds = [rnd.choice(["cache", "firewall"]) for _ in range(rnd.choice([0, 1, 2]) if nodes else 1)]
    more = [x for n in nodes for x in ("--via", n)]
    output = ask(more + (["--via-service", ",".join(kinds)] if kinds else []))
    paths = {p for p in oracle.walks(net, q["from"], q["to"], oracle.link_filter(net, q))
             if oracle.passes(net, p, q["from"], nodes, kinds) and
             oracle.total(net, p, "delay-us") <= q.get("max_delay", 10**9)}
    got = [tuple(p["link"]) for p in output.get("path", [])]
    if len(got) != bool(paths):
        return f"{len(got)} paths of {len(paths)} through {nodes} {kinds}"
    if not got:
        return None
    if got[0] not in paths:
        return f"{got[0]} breaks a constraint or misses {nodes} {kinds}"
    if q["objective"] == "availability":
        return None if not output["path"][0]["exact"] else worse_walk(net, q, got[0], paths)
    return worse(net, q, got[0], min(paths, key=lambda p: oracle.score(net, q, p))) or values(net, output["path"][0])


def worse_walk(net, q, got, paths):
    """Availability of a walk: its ends' own risks do not count, also where it passes them on the way."""
    def fails(path):
        ends = {("node", q["from"]), ("node", q["to"])}
        return 1 - oracle.availability_of({k: p for k, p in oracle.risks(net, path).items() if k not in ends})

    best = min(map(fails, paths))
    return f"{got} fails with {float(fails(got))}, another one with {float(best)}" \
        if abs(fails(got) - best) > TOLERANCE else None


def one(seed, folder):
    rnd = random.Random(seed)
    what = rnd.choice([alternatives, diverse, pair, via])
    net = network(rnd, 4 if what is via else 6)
    while what is via and len(net.links) > 9:
        net = network(rnd, 4)
    form = rnd.choice(["yaml", "json"])
    path = os.path.join(folder, f"t.{form}")
    net.write(path, form)
    q = question(rnd, net)
    ran = []

    def ask(more):
        args = command(path, q, more)
        run = subprocess.run(args, capture_output=True, text=True, timeout=60)
        ran.append(f"{' '.join(args)}\n  status {run.returncode} {run.stderr}{run.stdout[:400]}")
        output = json.loads(run.stdout)["karst-path:output"]
        if run.returncode != (0 if output.get("path") else 1):
            raise ValueError("the exit status does not fit the answer")
        return output

    try:
        wrong = what(rnd, net, q, ask)
    except (ValueError, KeyError) as e:
        wrong = repr(e)
    if wrong:
        keep = os.path.join(os.getcwd(), f"options-{seed}.{form}")
        net.write(keep, form)
        wrong = f"seed {seed} ({keep}): {wrong}\n  " + "\n  ".join(ran)
    return what.__name__, wrong


def main():
    faults, asked = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST, FIRST + SEEDS):
            name, wrong = one(seed, folder)
            asked[name] = asked.get(name, 0) + 1
            if wrong:
                faults += 1
                print(wrong)
                if faults >= 5:
                    break
    print(f"{asked}, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
