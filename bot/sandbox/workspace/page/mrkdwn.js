// Slack's mrkdwn, text objects and references as elements.
import { slackDate } from "./clock.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";

const FENCE = /```\n?([\s\S]+?)\n?```/g;
const EDGE = "(?<![\\p{L}\\p{N}])";
const END = "(?![\\p{L}\\p{N}])";
const styled = (mark) => `${EDGE}${mark}(?=\\S)([^${mark}\\n]*[^\\s${mark}])${mark}${END}`;
const INLINE = new RegExp(`<([^<>\\n]+)>|\`([^\`\\n]+)\`|${styled("\\*")}|${styled("_")}|${styled("~")}`, "gu");
const SAFE_LINK = /^(https?:|mailto:|\/)/i;

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Nodes for a text in mrkdwn. */
export function mrkdwn(text, world) {
  const out = el("div", { class: "mrkdwn" });
  let last = 0;
  for (const match of text.matchAll(FENCE)) {
    out.append(...lines(text.slice(last, match.index).replace(/\n$/, ""), world), el("pre", {}, el("code", {}, codeNodes(match[1], world))));
    last = match.index + match[0].length;
  }
  out.append(...lines(last ? text.slice(last).replace(/^\n/, "") : text, world));
  return out;
}

/** Nodes for a text object of either kind, a plain string, or nothing. */
export function textObject(object, world) {
  if (!object) return null;
  return object.type === "mrkdwn" ? mrkdwn(object.text, world) : el("div", { class: "plain" }, plain(object));
}

/** The words of a plain_text object. */
export const plain = (object) => (object ? emoji(unescape(object.text ?? "")) : "");

function lines(text, world) {
  if (!text) return [];
  const out = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^&gt;\s?(.*)$/.exec(line);
    if (!quoted) quote = null;
    else if (!quote) out.push((quote = el("blockquote")));
    const row = el("div", { class: line.startsWith("• ") ? "line bullet" : "line" }, inline(quoted ? quoted[1] : line, world));
    (quote ?? { append: (node) => out.push(node) }).append(row);
  }
  return out;
}

function inline(text, world) {
  const out = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(words(text.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, angle, code, bold, italic, strike] = match;
    if (angle !== undefined) out.push(reference(angle, world));
    else if (code !== undefined) out.push(el("code", {}, unescape(code)));
    else if (bold !== undefined) out.push(el("strong", {}, inline(bold, world)));
    else if (italic !== undefined) out.push(el("em", {}, inline(italic, world)));
    else out.push(el("s", {}, inline(strike, world)));
  }
  out.push(words(text.slice(last)));
  return out;
}

const words = (text) => emoji(unescape(text));

/** In a fence only links are still links. */
function codeNodes(text, world) {
  return text.split(/(<(?:https?:)[^<>\n]+>)/).map((part) => (part.startsWith("<") ? reference(part.slice(1, -1), world) : unescape(part)));
}

/** What stands between < and >. */
function reference(inner, world) {
  const cut = inner.indexOf("|");
  const target = cut < 0 ? inner : inner.slice(0, cut);
  const label = cut < 0 ? null : inner.slice(cut + 1);
  if (/^@[UW]/.test(target)) return person(target.slice(1), world);
  if (/^#[CG]/.test(target)) return mention(`#${world.channelName(target.slice(1))}`);
  if (target.startsWith("!subteam^")) return group(target.split("^")[1], label, world);
  if (target.startsWith("!date^")) return date(target, label, world);
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`, true);
  return SAFE_LINK.test(target) ? link(unescape(target), unescape(label ?? target)) : unescape(`<${inner}>`);
}

const mention = (text, mine = false) => el("span", { class: mine ? "mention mine" : "mention" }, text);

export const person = (id, world) => mention(`@${world.personName(id)}`, id === world.me);

export function group(id, label, world) {
  const found = world.group(id);
  const handle = found ? `@${found.handle}` : label ?? `@${id}`;
  return mention(handle, Boolean(found?.users.includes(world.me)));
}

export const link = (href, label) => (SAFE_LINK.test(href) ? el("a", { href, target: "_blank", rel: "noreferrer noopener" }, label) : label);

function date(target, fallback, world) {
  const [, epoch, format, href] = target.split("^");
  const written = slackDate(epoch, unescape(format ?? ""), world.tz);
  const shown = written ?? unescape(fallback ?? target);
  const node = el("time", { title: unescape(fallback ?? "") || undefined }, shown);
  return href ? link(unescape(href), shown) : node;
}
