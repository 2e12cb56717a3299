#!/usr/bin/env python3
"""`karst path FILE` against brute force: every objective, every constraint, pairs, in YAML, JSON and GraphML."""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle

KARST = os.path.join(os.environ.get("KARST_BUILDDIR", "build"), "karst")
SEEDS = int(os.environ.get("KARST_TEST_SEEDS", "500"))
FIRST = int(os.environ.get("KARST_TEST_FIRST_SEED", "1"))
TOLERANCE = 10**-9  # of an availability: the engine counts in fixed point


def question(rnd, net):
    q = {"objective": rnd.choice(["igp", "te", "delay", "bandwidth", "availability"])}
    q["from"], q["to"] = rnd.sample(net.nodes, 2)
    if rnd.random() < 0.3:
        q["bandwidth"] = rnd.choice([1, 2, 4]) * 100_000_000
    if rnd.random() < 0.3:
        q["max_delay"] = rnd.randint(2, 40) * 100
    if rnd.random() < 0.2:
        q["max_hops"] = rnd.randint(1, 4)
    if rnd.random() < 0.2:
        q["max_te"] = rnd.randint(2, 120)
    for key in ("include_any", "include_all", "exclude_any"):
        if rnd.random() < 0.12:
            q[key] = rnd.sample(["gold", "silver", "bronze", "nowhere"], rnd.choice([1, 2]))
    inner = [n for n in net.nodes if n not in (q["from"], q["to"])]
    if rnd.random() < 0.15 and inner:
        q["avoid_node"] = [rnd.choice(inner)]
    if rnd.random() < 0.15:
        q["avoid_link"] = [rnd.choice(sorted(net.links))]
        q["avoid_fibres"] = {net.links[n]["fibre"] for n in q["avoid_link"]}
    if rnd.random() < 0.15:
        known = {s for l in net.links.values() for s in l["srlg"]} if net.links_only else {101, 102, 103}
        q["avoid_srlg"] = [rnd.choice(sorted(known))] if known else []
    if rnd.random() < float(os.environ.get("KARST_TEST_PAIRS", "0.4")):
        q["disjoint"] = rnd.choice(["link", "node", "srlg"])
    return q


def command(path, q):
    args = [KARST, "path", path, "--from", q["from"], "--to", q["to"], "--objective", q["objective"], "-o", "json"]
    if "bandwidth" in q:
        args += ["--bandwidth", f"{q['bandwidth'] // 1_000_000}M"]
    if "max_delay" in q:
        args += ["--max-delay", f"{q['max_delay']}us"]
    if "max_hops" in q:
        args += ["--max-hops", str(q["max_hops"])]
    if "max_te" in q:
        args += ["--max-te", str(q["max_te"])]
    for key in ("include_any", "include_all", "exclude_any"):
        if key in q:
            args += ["--" + key.replace("_", "-"), ",".join(q[key])]
    for n in q.get("avoid_node", ()):
        args += ["--avoid-node", n]
    for n in q.get("avoid_link", ()):
        args += ["--avoid-link", n]
    for n in q.get("avoid_srlg", ()):
        args += ["--avoid-srlg", f"duct-{n}"]
    if "disjoint" in q:
        args += ["--disjoint", q["disjoint"]]
    return args


def check_single(net, q, answer, best, paths):
    got = tuple(answer["link"])
    if got not in paths:
        return f"{got} breaks a constraint"
    if answer.get("exact") is not True:
        return f"not exact: {answer.get('why')}"
    want, have = oracle.score(net, q, best), oracle.score(net, q, got)
    if q["objective"] == "availability":
        if abs(want[0] - have[0]) > TOLERANCE:
            return f"{got} fails with {float(have[0])}, {best} with {float(want[0])}"
    elif want != have:
        return f"{got} scores {have}, {best} scores {want}"
    return check_values(net, got, answer)


def check_values(net, got, answer):
    facts = {
        "igp-metric": oracle.total(net, got, "igp-metric"),
        "te-metric": oracle.total(net, got, "te-metric"),
        "delay-us": oracle.total(net, got, "delay-us"),
        "residual-bps": oracle.width(net, got),
        "hops": len(got),
    }
    for key, value in facts.items():
        if int(answer[key]) != value:
            return f"{key} is {answer[key]}, not {value}"
    exact = oracle.availability_of(oracle.risks(net, got))
    if abs(float(answer["availability"]) - float(exact)) > 1e-11:
        return f"availability is {answer['availability']}, not {float(exact)}"
    nodes = [net.links[got[0]]["from"]] + [net.links[n]["to"] for n in got]
    if answer["node"] != nodes:
        return f"nodes are {answer['node']}, not {nodes}"
    if not answer.get("segment"):
        return "there is no segment list"
    return None


def check_pair(net, q, output, paths):
    pairs = [(a, b) for a in paths for b in paths if a < b and oracle.disjoint(net, a, b, q["disjoint"])]
    answers = output.get("path", [])
    got = [tuple(p["link"]) for p in answers]
    if not pairs:
        if len(got) == 2 and not output.get("relaxed"):
            return f"{got} is no {q['disjoint']}-disjoint pair within the constraints"
        return None
    if len(got) != 2 or output.get("relaxed"):
        return f"{len(got)} paths, relaxed {output.get('relaxed')}; there is {pairs[0]}"
    for p in got:
        if p not in paths:
            return f"{p} breaks a constraint"
    if not oracle.disjoint(net, got[0], got[1], q["disjoint"]):
        return f"{got} are not {q['disjoint']}-disjoint"
    best = min(pairs, key=lambda p: oracle.pair_score(net, q, *p))
    want, have = oracle.pair_score(net, q, *best), oracle.pair_score(net, q, *got)
    if abs(want - have) > (TOLERANCE if q["objective"] == "availability" else 0):
        return f"{got} scores {float(have)}, {best} scores {float(want)}"
    return check_values(net, got[0], answers[0]) or check_values(net, got[1], answers[1])


def one(seed, folder):
    rnd = random.Random(seed)
    form = rnd.choice(["yaml", "json", "graphml"])
    if form == "graphml":
        net = oracle.Network(rnd, rnd.randint(3, 7), rnd.choice([0, 0, 1]), links_only=True)
    else:
        net = oracle.Network(rnd, rnd.randint(3, 7))
    path = os.path.join(folder, f"t.{form}")
    net.write(path, form)
    q = question(rnd, net)
    args = command(path, q)
    run = subprocess.run(args, capture_output=True, text=True, timeout=60)
    paths = set(oracle.feasible(net, q))

    def fault(text):
        keep = os.path.join(os.getcwd(), f"oracle-{seed}.{form}")
        net.write(keep, form)
        args[2] = keep
        return f"seed {seed}: {text}\n  {' '.join(args)}\n  status {run.returncode} {run.stderr}{run.stdout[:600]}"

    if run.returncode not in (0, 1):
        return fault("status"), False
    try:
        output = json.loads(run.stdout)["karst-path:output"]
    except (ValueError, KeyError):
        return fault("no JSON output"), False
    found = bool(output.get("path"))
    if run.returncode != (0 if found else 1):
        return fault("the exit status does not fit the answer"), found
    if not found and not output.get("no-path", {}).get("text"):
        return fault("no path, and no reason"), found
    if not paths:
        return (fault("a path where there is none") if found else None), found
    if "disjoint" in q:
        wrong = check_pair(net, q, output, paths)
    elif not found:
        wrong = f"no path, but there is {min(paths)}"
    else:
        best = min(paths, key=lambda p: oracle.score(net, q, p))
        wrong = check_single(net, q, output["path"][0], best, paths)
    return (fault(wrong) if wrong else None), found


def main():
    faults = found = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST, FIRST + SEEDS):
            text, there = one(seed, folder)
            found += there
            if text:
                faults += 1
                print(text)
                if faults >= 5:
                    break
    print(f"{SEEDS} questions, {found} with a path, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
