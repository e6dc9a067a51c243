// Each request, and its way through the states as a small drawing.
import { el, svg } from "./dom.js";

/** The road that a restore takes, and the exits from it; top to bottom. */
const ROAD = ["pending", "approved", "backing_up", "submitting", "restoring", "succeeded"];
const EXITS = ["denied", "cancelled", "expired", "invalidated", "unknown", "failed"];
const NAMES = {
  pending: "Waiting", approved: "Approved", backing_up: "Safety backup", submitting: "Sending the call", restoring: "Restoring", succeeded: "Restored",
  denied: "Denied", cancelled: "Cancelled", expired: "Expired", invalidated: "Facts changed", unknown: "Unknown", failed: "Failed",
};
const BAD = new Set(["failed", "unknown"]);
const WIDE = 124;
const HIGH = 25;
const PITCH = 36;
const ROAD_X = 20;
const EXIT_X = 192;
const WIDTH = EXIT_X + 106;

const nameOf = (state) => NAMES[state] ?? state.replaceAll("_", " ");

/** All of them, newest first; `opened` remembers which a person has folded or unfolded. */
export function requests(list, states, opened) {
  const newest = [...list].reverse();
  return el("section", { class: "part", testid: "requests", id: "requests", "aria-labelledby": "requests-title" },
    el("div", { class: "part-head" }, el("h3", { id: "requests-title" }, "Requests")),
    newest.length
      ? newest.map((request, index) => folded(request, states, opened, index === 0))
      : [el("p", { class: "soft small" }, "None yet. These are the states that a request can go through:"), drawing({ id: "", path: [], state: "" }, states)]);
}

function folded(request, states, opened, isNewest) {
  const node = el("details", { class: "request", testid: `request-${request.id}`, open: opened.get(request.id) ?? isNewest },
    el("summary", { id: `request-${request.id}`, onclick: () => opened.set(request.id, !node.open) }, el("b", {}, request.id), el("span", { class: "target" }, request.target), el("span", { class: `state ${tone(request.state)}` }, told(request))),
    drawing(request, states));
  return node;
}

function told(request) {
  const percent = request.state === "restoring" && typeof request.percent === "number" ? ` ${request.percent} %` : "";
  return nameOf(request.state) + percent;
}

function tone(state) {
  if (BAD.has(state)) return "bad";
  return state === "succeeded" ? "good" : "";
}

/** The table of states as a drawing; the request's own way is strong, where it stands is filled. */
function drawing(request, states) {
  const spots = places(Object.keys(states));
  const been = new Set(request.path);
  const steps = new Set(request.path.map((state, index) => `${request.path[index - 1]} ${state}`));
  const edges = Object.entries(states).flatMap(([from, next]) => next.map((to) => [from, to]));
  const isGone = ([from, to]) => steps.has(`${from} ${to}`);
  const height = Math.max(...[...spots.values()].map(({ y }) => y)) + HIGH + 2;
  const label = request.id ? `${request.id}: ${request.path.map(nameOf).join(", then ")}` : "The states of a request";
  return svg("svg", { class: "states", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
    edges.sort((one, other) => isGone(one) - isGone(other)).map((edge) => line(spots, edge, isGone(edge))),
    [...spots].map(([state, spot]) => place(state, spot, request, been.has(state))));
}

function places(known) {
  const spots = new Map();
  ROAD.forEach((state, row) => spots.set(state, { x: ROAD_X, y: 1 + row * PITCH, wide: WIDE, onRoad: true, row }));
  const others = [...EXITS, ...known.filter((state) => !ROAD.includes(state) && !EXITS.includes(state))];
  others.forEach((state, row) => spots.set(state, { x: EXIT_X, y: 1 + row * PITCH, wide: WIDTH - EXIT_X - 1, onRoad: false, row }));
  return new Map([...spots].filter(([state]) => known.includes(state)));
}

function line(spots, [from, to], isGone) {
  const one = spots.get(from);
  const other = spots.get(to);
  if (!one || !other) return null;
  return svg("path", { class: isGone ? "edge gone" : "edge", d: way(one, other) });
}

/** From the foot of a place to the next one below it, round the left of the road, or across to the exits. */
function way(one, other) {
  const [y1, y2] = [one.y + HIGH / 2, other.y + HIGH / 2];
  if (one.onRoad === other.onRoad) {
    const x = one.x + Math.min(one.wide, other.wide) / 2;
    if (other.row === one.row + 1) return `M ${x} ${one.y + HIGH} L ${x} ${other.y}`;
    const out = one.x - 18;
    return `M ${one.x} ${y1} C ${out} ${y1}, ${out} ${y2}, ${other.x} ${y2}`;
  }
  const [x1, x2] = one.onRoad ? [one.x + one.wide, other.x] : [one.x, other.x + other.wide];
  const half = (x1 + x2) / 2;
  return `M ${x1} ${y1} C ${half} ${y1}, ${half} ${y2}, ${x2} ${y2}`;
}

function place(state, { x, y, wide }, request, isBeen) {
  const isNow = state === request.state;
  const kind = `node${isBeen ? " been" : ""}${isNow ? ` now ${tone(state)}` : ""}`;
  const words = isNow ? told(request) : nameOf(state);
  return svg("g", { class: kind },
    svg("rect", { x, y, width: wide, height: HIGH, rx: 7 }),
    svg("text", { x: x + wide / 2, y: y + HIGH / 2 + 4, "text-anchor": "middle" }, words));
}
