// What is known of the one thing that somebody chose: a policy, a link, a node.
"use strict";

import { call, get } from "/api.js";
import { choose, load } from "/map.js";
import { at, make, milliseconds, moment, rate, show } from "/table.js";

const SVG = at("map").namespaceURI;
const BUCKETS = 300; // at most so many in the chart of a day

let now = { kind: "", name: "" };

export const paths = (policy) => policy["candidate-path"] || [];
export const lists = (path) => path["segment-list"] || [];
// A weighted policy has its links and nodes with each list, others with the candidate path.
const linksOf = (path) => lists(path).flatMap((l) => l.link || []).concat(path.link || []);
export const nodesOf = (path) =>
  lists(path).some((l) => l.node) ? lists(path).map((l) => (l.node || []).join(" › ")) : [(path.node || []).join(" › ")];
export const crosses = (policy, names) => paths(policy).some((p) => linksOf(p).some((l) => names.includes(l)));

function facts(rows) {
  const list = make("dl", []);
  for (const [title, value] of rows)
    if (value !== undefined && value !== "" && value !== null) list.append(make("dt", title), make("dd", value));
  return list;
}

const table = (id) => {
  const element = make("table", []);
  element.id = id;
  return element;
};

function policiesOf(all, names) {
  show("detail-policies", [
    ["policy", (p) => p.id], ["state", (p) => p.state], ["path", (p) => paths(p).slice(0, 1).flatMap(nodesOf).join(" | ")],
    ["booked", (p) => rate(p["booked-bps"]), "number"],
  ], all.filter((p) => crosses(p, names)), "no policy crosses it", (p) => open("policy", p.id));
}

function stages(stage = {}) {
  const names = ["detected", "computed", "stored", "sent", "prepared", "confirmed"];
  return names.filter((n) => stage[n + "-us"] !== undefined).map((n) => `${n} ${milliseconds(stage[n + "-us"])}`).join(", ");
}

async function showPolicy(id, all) {
  const p = all.policies.find((q) => q.id === id);
  if (!p) return at("detail").replaceChildren(make("p", `policy ${id} is gone`));
  choose(paths(p).map(linksOf), [p.headend, p.tailend]);
  at("detail").replaceChildren(
    make("h2", [`Policy ${id} `, make("span", p.state)]),
    facts([["reason", p.reason], ["last moved because", p.cause], ["intent", p.intent],
      ["from, to", `${p.headend} › ${p.tailend}`], ["color, endpoint", `${p.color}, ${p.endpoint}`],
      ["booked", rate(p["booked-bps"])], ["mode", p.mode && `${p.mode}, of the ${p["mode-scope"]}`],
      ["steered", ((p.steering || {}).prefix || []).map((s) => s.prefix).join(", ")]]),
    make("h3", "Candidate paths"), table("detail-paths"), make("h3", "Moves"),
    table("detail-moves"));
  show("detail-paths", [
    ["preference", (r) => r.path.preference, "number"], ["list", (r) => r.list.name || r.list.id],
    ["weight", (r) => r.list.weight, "number"], ["nodes", (r) => (r.list.node || r.path.node || []).join(" › ")],
    ["segments", (r) => (r.list.segment || []).map((s) => s.sid).join(" ")],
  ], paths(p).flatMap((path) => lists(path).map((list) => ({ path, list }))), "none");
  const history = ((await get(`karst-policy:histories/history=${encodeURIComponent(id)}`)).history || [])[0] || {};
  if (now.kind !== "policy" || now.name !== id || !at("detail-moves")) return;
  show("detail-moves", [
    ["when", (m) => moment(m.time), "number"], ["what", (m) => m.kind],
    ["why, where to, and when each stage was over", (m) => [
      make("div", [m.cause, m.text].filter(Boolean).join(": ")),
      ...(m.path || []).map((c) => make("div", `› ${(c.link || []).join(" ")}`)), make("div", stages(m.stage), "empty")]],
  ], (history.move || []).slice().reverse(), "it has not moved yet");
}

// What a link carried: the mean as a line, the greatest as an area behind it, the capacity as the frame's top.
function chart(output) {
  const buckets = output.bucket || [];
  if (!buckets.length) return make("p", "nothing was measured here", "empty");
  const start = new Date(buckets[0].start), end = new Date(buckets[buckets.length - 1].start);
  const top = Math.max(Number(output["capacity-bps"]) || 0, ...buckets.map((b) => Number(b["max-bps"]))) || 1;
  const x = (b) => 600 * ((new Date(b.start) - start) / Math.max(end - start, 1));
  const y = (bps) => 120 - (118 * Number(bps)) / top;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 600 122");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "what the link carried");
  const add = (tag, points, kind) => {
    const shape = document.createElementNS(SVG, tag);
    shape.setAttribute("points", points);
    shape.setAttribute("class", kind);
    svg.append(shape);
  };
  const along = (key) => buckets.map((b) => `${x(b).toFixed(1)},${y(b[key]).toFixed(1)}`).join(" ");
  add("polygon", `0,120 ${along("max-bps")} 600,120`, "most");
  add("polyline", along("mean-bps"), "mean");
  const last = buckets[buckets.length - 1];
  return make("figure", [svg, make("figcaption",
    `${moment(buckets[0].start)} to ${moment(last.start)}; top ${rate(top)}; last mean ${rate(last["mean-bps"])}, ` +
    `p95 ${rate(last["p95-bps"])}`)]);
}

function residual(l) {
  return [["capacity", rate(l["capacity-bps"])], ["may be sold", l["subscription-ppm"] && `${l["subscription-ppm"] / 1e4} %`],
    ["booked", rate(l["booked-bps"])], ["measured", rate(l["measured-bps"])],
    ["of that, policies'", rate(l["policy-traffic-bps"])], ["of that, nobody's", rate(l["unbooked-bps"])],
    ["left", rate(l["residual-bps"])]];
}

async function showLink(name, all) {
  const pair = all.links.filter((l) => l.name === name || l.reverse === name);
  if (!pair.length) return at("detail").replaceChildren(make("p", `link ${name} is gone`));
  const names = pair.map((l) => l.name);
  choose([names], []);
  at("detail").replaceChildren(make("h2", `Link ${name}`), ...pair.flatMap((l) => [
    make("h3", [`${l.from} › ${l.to} `, make("span", l.up ? (l.state === "up" ? "up" : l.state) : "down")]),
    facts([["load", l["capacity-bps"] && `${Math.round(load(l) * 100)} %`], ...residual(l),
      ["metrics", `IGP ${l["igp-metric"] ?? "-"}, TE ${l["te-metric"] ?? "-"}`],
      ["delay", l["delay-us"] !== undefined && milliseconds(l["delay-us"])],
      ["shared risks", (l.srlg || []).join(", ")], ["affinities", (l.affinity || []).join(", ")],
      ["feed", l.stale ? "stale: its feed is lost" : ""]]),
    make("div", [], "chart"),
  ]), make("h3", "Policies that cross it"), table("detail-policies"));
  policiesOf(all.policies, names);
  for (const [i, l] of pair.entries()) {
    const day = await call("karst-telemetry:link-history", { link: l.name });
    const span = (day.bucket || []).length;
    const drawn = span <= BUCKETS ? day : await call("karst-telemetry:link-history",
      { link: l.name, "step-s": Math.ceil(span / BUCKETS) * day.bucket[0]["length-s"] });
    if (now.kind !== "link" || now.name !== name) return;
    at("detail").querySelectorAll(".chart")[i]?.replaceChildren(chart(drawn));
  }
}

function showNode(name, all) {
  const n = all.nodes.find((m) => m.name === name);
  if (!n) return at("detail").replaceChildren(make("p", `node ${name} is gone`));
  const links = all.links.filter((l) => l.from === name || l.to === name), names = links.map((l) => l.name);
  const device = (all.devices || []).find((d) => d.node === name);
  choose([names], [name]);
  at("detail").replaceChildren(make("h2", `Node ${name}`), facts([["label", n.label], ["site", n.site],
    ["router id", (n["router-id"] || []).join(", ")], ["locators", (n.locator || []).map((l) => l.prefix).join(", ")],
    ["availability", n.availability], ["services", (n.service || []).join(", ")],
    ["router", device && (device.connected ? "connected" : device.text || "away")]]),
  make("h3", "Its links"), table("detail-links"), make("h3", "Policies that cross it"), table("detail-policies"));
  show("detail-links", [
    ["link", (l) => l.name], ["state", (l) => (l.up ? (l.state || "up") : "down")],
    ["load", (l) => `${Math.round(load(l) * 100)} %`, "number"], ["left", (l) => rate(l["residual-bps"]), "number"],
    ["delay", (l) => milliseconds(l["delay-us"]), "number"],
  ], links.filter((l) => l.from === name), "none", (l) => open("link", l.name));
  policiesOf(all.policies, names);
}

let everything = {};

function render() {
  const kinds = { policy: showPolicy, link: showLink, node: showNode };
  Promise.resolve(kinds[now.kind](now.name, everything)).catch((error) => at("detail").append(make("p", error.message, "bad")));
}

export function open(kind, name) {
  now = { kind, name };
  render();
}

// New facts; what is open is shown anew only if it is not a chart that somebody looks at.
export function update(all) {
  everything = all;
  if (now.kind === "policy" || now.kind === "node") render();
}
