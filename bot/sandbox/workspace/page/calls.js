// What the bot asked the cloud, newest first.
import { el } from "./dom.js";

const SHOWN = 30;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** How often the one call that overwrites was made. */
export function recoveryCount(count, isShort = false) {
  const testid = isShort ? "recovery-calls-short" : "recovery-calls";
  return el("span", { class: `recovery-count${count ? " some" : ""}`, testid }, isShort ? null : "Recovery calls: ", el("b", {}, String(count)));
}

export function cloudCalls(calls, count) {
  const newest = [...calls].sort((one, other) => other.id - one.id).slice(0, SHOWN);
  return el("section", { class: "part", testid: "calls", id: "calls", "aria-labelledby": "calls-title" },
    el("div", { class: "part-head" }, el("h3", { id: "calls-title" }, "Calls to the cloud"), recoveryCount(count)),
    newest.length
      ? el("ol", { class: "calls", role: "list", tabindex: "0", "aria-label": "Calls, newest first" }, newest.map(row))
      : el("p", { class: "soft small" }, "None yet. Every call that the bot makes is listed here."));
}

/** The one call that overwrites an instance. */
const isRecovery = (call) => call.method === "POST" && call.path.endsWith("/instances/recovery");

/** The path without the version and the project, which are the same in every call, and with short ids. */
const tail = (path) => path.replace(/^\/v[\d.]+\/[^/]+/, "…").replace(/[0-9a-f]{30,}\w*/g, (id) => `${id.slice(0, 4)}…`);

function row(call) {
  const kind = isRecovery(call) ? " recovery" : call.changes ? " changes" : "";
  return el("li", { class: `call${kind}`, testid: isRecovery(call) ? "recovery-call" : "call" },
    el("span", { class: "what" }, call.operation, call.count > 1 && el("span", { class: "times" }, ` × ${call.count}`)),
    status(call),
    el("span", { class: "where" }, el("span", { class: "method" }, call.method), " ", el("span", { class: "path", title: call.path }, tail(call.path))),
    el("time", { datetime: call.at }, clock.format(new Date(call.at))));
}

function status(call) {
  if (call.status === null) return el("span", { class: "answer lost" }, "answer lost");
  const kind = call.status < 300 ? "fine" : "refused";
  return el("span", { class: `answer ${kind}` }, String(call.status));
}
