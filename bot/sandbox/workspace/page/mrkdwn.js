// Slack's mrkdwn as elements.
import { el } from "./dom.js";
const TOKENS = /<([^<>]+)>|`([^`\n]+)`|\*([^*\n]+)\*|(?<!\w)_([^_\n]+)_(?!\w)|~([^~\n]+)~/g;
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
export function mrkdwn(text, world) {
  const out = el("span", { class: "mrkdwn" });
  text.split("\n").forEach((line, index) => {
    if (index) out.append(el("br"));
    inline(line, world).forEach((node) => out.append(node));
  });
  return out;
}
function inline(line, world) {
  const nodes = [];
  let last = 0;
  for (const match of line.matchAll(TOKENS)) {
    nodes.push(unescape(line.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, angle, code, bold, italic, strike] = match;
    if (angle !== undefined) nodes.push(reference(angle, world));
    else if (code !== undefined) nodes.push(el("code", {}, unescape(code)));
    else if (bold !== undefined) nodes.push(el("strong", {}, ...inline(bold, world)));
    else if (italic !== undefined) nodes.push(el("em", {}, ...inline(italic, world)));
    else if (strike !== undefined) nodes.push(el("s", {}, ...inline(strike, world)));
  }
  nodes.push(unescape(line.slice(last)));
  return nodes;
}
function reference(inner, world) {
  const [target, label] = inner.split("|");
  if (target.startsWith("@")) return el("span", { class: "mention" }, "@" + world.personName(target.slice(1)));
  if (target.startsWith("#")) return el("span", { class: "mention" }, "#" + world.channelName(target.slice(1)));
  if (target.startsWith("!subteam^")) return el("span", { class: "mention" }, "@" + world.groupHandle(target.split("^")[1]));
  if (target.startsWith("!date^")) return el("time", { title: label ?? "" }, date(inner));
  if (target.startsWith("!")) return el("span", { class: "mention" }, "@" + target.slice(1));
  return /^https?:/.test(target) ? el("a", { href: unescape(target), rel: "noreferrer" }, unescape(label ?? target)) : unescape(`<${inner}>`);
}
function date(inner) {
  const body = inner.slice("!date^".length).split("|")[0];
  const [epoch, format] = [body.slice(0, body.indexOf("^")), body.slice(body.indexOf("^") + 1).split("^")[0]];
  const at = new Date(Number(epoch) * 1000);
  const day = at.toLocaleDateString([], { month: "short", day: "numeric", year: "numeric" });
  const pretty = at.toDateString() === new Date().toDateString() ? "today" : day;
  return format
    .replace("{date_short_pretty}", pretty).replace("{date_pretty}", pretty).replace("{date_long_pretty}", pretty)
    .replace("{date_short}", day).replace("{date_long}", day).replace("{date_num}", at.toISOString().slice(0, 10)).replace("{date}", day)
    .replace("{time_secs}", at.toLocaleTimeString([], { hour12: false }))
    .replace("{time}", at.toLocaleTimeString([], { hour12: false, hour: "2-digit", minute: "2-digit" }));
}
export function textObject(object, world) {
  if (!object) return "";
  return object.type === "mrkdwn" ? mrkdwn(object.text, world) : el("span", { class: "plain" }, object.text);
}
