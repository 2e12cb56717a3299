// The network drawn: nodes where they stand, links by what they carry. SVG of our own making; the colors are classes of
// app.css. Nodes without coordinates stand between their neighbours; a network without any is spread by springs.
"use strict";

import { at } from "/table.js";

const SVG = at("map").namespaceURI;
const WIDTH = 1000;
const NEAR = 9; // nodes of one site stand on a circle of this radius
const MOST = 3000; // nodes; more are a blot

let drawn = { places: new Map(), lines: new Map(), dots: new Map() };
let picked = () => {};

const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;

function neighbours(nodes, links) {
  const of = new Map(nodes.map((n) => [n.name, []]));
  for (const l of links) of.get(l.from)?.push(l.to);
  return of;
}

function project(nodes) {
  const known = nodes.filter((n) => n.latitude !== undefined && n.longitude !== undefined);
  const places = new Map();
  if (!known.length) return places;
  const squeeze = Math.cos((average(known.map((n) => Number(n.latitude))) * Math.PI) / 180);
  for (const n of known) places.set(n.name, [Number(n.longitude) * squeeze, -Number(n.latitude)]);
  return places;
}

// Nodes without a place of their own come between the neighbours that have one.
function fill(places, nodes, of) {
  for (let round = 0; round < 8; round++)
    for (const n of nodes) {
      if (places.has(n.name)) continue;
      const near = of.get(n.name).map((m) => places.get(m)).filter(Boolean);
      if (near.length) places.set(n.name, [average(near.map((p) => p[0])), average(near.map((p) => p[1]))]);
    }
}

// Springs along links, a push between all: the same picture each time.
function spread(nodes, of) {
  const place = nodes.map((n, i) => [Math.cos(i * 2.4) * Math.sqrt(i + 1), Math.sin(i * 2.4) * Math.sqrt(i + 1)]);
  const index = new Map(nodes.map((n, i) => [n.name, i]));
  const rounds = nodes.length > 500 ? 40 : 150;
  for (let round = 0; round < rounds; round++) {
    const step = 0.1 * (1 - round / rounds), force = place.map(() => [0, 0]);
    for (let i = 0; i < place.length; i++)
      for (let k = 0; k < i; k++) {
        const dx = place[i][0] - place[k][0], dy = place[i][1] - place[k][1], push = 4 / (dx * dx + dy * dy + 0.01);
        force[i][0] += dx * push; force[i][1] += dy * push;
        force[k][0] -= dx * push; force[k][1] -= dy * push;
      }
    nodes.forEach((n, i) => of.get(n.name).forEach((m) => {
      const k = index.get(m);
      if (k === undefined) return;
      force[i][0] += (place[k][0] - place[i][0]) * 0.5; force[i][1] += (place[k][1] - place[i][1]) * 0.5;
    }));
    place.forEach((p, i) => {
      const length = Math.hypot(...force[i]) || 1, move = Math.min(length * step, 2);
      p[0] += (force[i][0] / length) * move; p[1] += (force[i][1] / length) * move;
    });
  }
  return new Map(nodes.map((n, i) => [n.name, place[i]]));
}

// Into WIDTH, with a margin; nodes on one spot around it. The height.
function fit(places) {
  const all = [...places.values()];
  const [left, right] = [Math.min(...all.map((p) => p[0])), Math.max(...all.map((p) => p[0]))];
  const [top, bottom] = [Math.min(...all.map((p) => p[1])), Math.max(...all.map((p) => p[1]))];
  const scale = (WIDTH - 60) / Math.max(right - left, (bottom - top) / 1.2, 1e-9);
  const spots = new Map();
  for (const [name, [x, y]] of places) {
    const spot = [30 + (x - left) * scale, 30 + (y - top) * scale];
    const key = spot.map(Math.round).join();
    spots.set(key, [...(spots.get(key) || []), name]);
    places.set(name, spot);
  }
  for (const names of spots.values())
    if (names.length > 1)
      names.sort().forEach((name, i) => {
        const turn = (2 * Math.PI * i) / names.length, [x, y] = places.get(name);
        places.set(name, [x + NEAR * Math.cos(turn), y + NEAR * Math.sin(turn)]);
      });
  return Math.max(120, (bottom - top) * scale + 60);
}

function layout(nodes, links) {
  const of = neighbours(nodes, links);
  let places = project(nodes);
  if (!places.size) places = spread(nodes, of);
  fill(places, nodes, of);
  return places;
}

function shape(tag, attributes, title) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  const words = document.createElementNS(SVG, "title");
  words.textContent = title;
  element.append(words);
  return element;
}

// How full a link is: by what was measured, else by what is booked.
export function load(link) {
  const capacity = Number(link["capacity-bps"] || 0);
  const used = Math.max(Number(link["measured-bps"] || 0), Number(link["booked-bps"] || 0));
  return capacity ? used / capacity : 0;
}

function classOf(link) {
  if (!link.up) return "gone";
  if (link.state && link.state !== "up") return "avoided";
  const share = load(link);
  return share >= 0.9 ? "full" : share >= 0.7 ? "busy" : share >= 0.4 ? "half" : "free";
}

const RANK = ["free", "half", "busy", "full", "avoided", "gone"];

// Both directions of a fibre are one line that looks like the worse of them.
function fibres(links) {
  const out = new Map();
  for (const link of links) {
    const key = link.reverse && link.reverse < link.name ? link.reverse : link.name;
    out.set(key, [...(out.get(key) || []), link]);
  }
  return out;
}

function signature(topology) {
  return topology.node.map((n) => n.name + n.latitude).join() + topology.link.map((l) => l.name).join();
}

function describe(pair) {
  return pair.map((l) => `${l.name}: ${l.up ? Math.round(load(l) * 100) + " %" : "down"}`).join("\n");
}

function build(topology) {
  const nodes = topology.node || [], links = topology.link || [], svg = at("map");
  const places = layout(nodes, links), height = fit(places);
  drawn = { signature: signature(topology), places, lines: new Map(), dots: new Map(), height };
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  const lines = document.createElementNS(SVG, "g"), dots = document.createElementNS(SVG, "g");
  for (const [key, pair] of fibres(links)) {
    const a = places.get(pair[0].from), b = places.get(pair[0].to);
    if (!a || !b) continue;
    const line = shape("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, "");
    line.addEventListener("click", () => picked("link", key));
    for (const link of pair) drawn.lines.set(link.name, line);
    lines.append(line);
  }
  for (const n of nodes) {
    const p = places.get(n.name);
    if (!p) continue;
    const dot = shape("circle", { cx: p[0], cy: p[1], r: 3.5 }, n.label ? `${n.name} (${n.label})` : n.name);
    dot.addEventListener("click", () => picked("node", n.name));
    drawn.dots.set(n.name, dot);
    dots.append(dot);
  }
  svg.replaceChildren(lines, dots);
}

// Draws the network, or only its new colors if it is the one that is drawn. pick("node" or "link", name).
export function draw(topology, pick) {
  picked = pick;
  const t = { node: topology.node || [], link: topology.link || [] };
  at("map-note").textContent = t.node.length > MOST
    ? `${t.node.length} nodes are too many to draw; the tables have them all.` : "";
  if (t.node.length > MOST || !t.node.length) return at("map").replaceChildren();
  if (drawn.signature !== signature(t)) build(t);
  for (const pair of fibres(t.link).values()) {
    const line = drawn.lines.get(pair[0].name);
    if (!line) continue;
    const worst = pair.map(classOf).sort((a, b) => RANK.indexOf(b) - RANK.indexOf(a))[0];
    line.setAttribute("class", worst + (line.classList.contains("chosen") ? " chosen" : ""));
    line.querySelector("title").textContent = describe(pair);
  }
}

// Shows these links as the chosen ones: the first path strong, others as its backups.
export function choose(paths, nodes) {
  for (const line of drawn.lines.values()) line.classList.remove("chosen", "backup");
  for (const dot of drawn.dots.values()) dot.classList.remove("chosen");
  paths.slice().reverse().forEach((links, i) => links.forEach((name) => {
    const line = drawn.lines.get(name);
    if (!line) return;
    line.classList.remove("chosen", "backup");
    line.classList.add(i === paths.length - 1 ? "chosen" : "backup");
    line.parentNode.append(line); // on top
  }));
  for (const name of nodes) drawn.dots.get(name)?.classList.add("chosen");
}

// Wheel zooms where the pointer is, dragging moves, a double click shows all again.
export function navigate() {
  const svg = at("map");
  const box = () => svg.getAttribute("viewBox").split(" ").map(Number);
  const set = (values) => svg.setAttribute("viewBox", values.join(" "));
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y, w, h] = box(), r = svg.getBoundingClientRect();
    const factor = Math.min(Math.max(event.deltaY > 0 ? 1.2 : 1 / 1.2, (WIDTH / 40) / w), (WIDTH * 2) / w);
    const px = x + ((event.clientX - r.left) / r.width) * w, py = y + ((event.clientY - r.top) / r.height) * h;
    set([px - (px - x) * factor, py - (py - y) * factor, w * factor, h * factor]);
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY, box()]; });
  window.addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y, w, h] = from[2], r = svg.getBoundingClientRect();
    set([x - ((event.clientX - from[0]) / r.width) * w, y - ((event.clientY - from[1]) / r.height) * h, w, h]);
  });
  svg.addEventListener("dblclick", () => drawn.height && set([0, 0, WIDTH, drawn.height]));
}
