// rich_text blocks, and the little of Markdown that a markdown block needs.
import { slackDate } from "./clock.js";
import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { group, link, person } from "./mrkdwn.js";

const TAGS = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]];

/** The elements of a rich_text block. */
export const richText = (block, world) => block.elements.map((part) => piece(part, world));

function piece(part, world) {
  const inside = () => part.elements.map((each) => (each.elements ? piece(each, world) : leaf(each, world)));
  switch (part.type) {
    case "rich_text_list": return el(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((item) => el("li", {}, piece(item, world))));
    case "rich_text_quote": return el("blockquote", {}, inside());
    case "rich_text_preformatted": return el("pre", {}, el("code", {}, inside()));
    default: return el("div", { class: "plain" }, inside());
  }
}

function leaf(item, world) {
  switch (item.type) {
    case "text": return styled(item.text, item.style);
    case "emoji": return emoji(`:${item.name}:`);
    case "link": return link(item.url, item.text || item.url);
    case "user": return person(item.user_id, world);
    case "usergroup": return group(item.usergroup_id, null, world);
    case "channel": return el("span", { class: "mention" }, `#${world.channelName(item.channel_id)}`);
    case "broadcast": return el("span", { class: "mention mine" }, `@${item.range}`);
    case "date": return slackDate(item.timestamp, item.format, world.tz) ?? item.fallback ?? "";
    default: return item.text ?? "";
  }
}

const styled = (text, style = {}) => TAGS.reduce((node, [name, tag]) => (style[name] ? el(tag, {}, node) : node), text);

const MARKS = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|~~(.+?)~~|(?<!\w)[*_]([^*_]+)[*_](?!\w)/g;

/** Headings, lists, quotes, fences and inline marks of a markdown block. */
export function markdown(text) {
  const out = [];
  text.split(/```\w*\n?/).forEach((part, index) => {
    if (index % 2) out.push(el("pre", {}, el("code", {}, part.replace(/\n$/, ""))));
    else part.split("\n").filter(Boolean).forEach((line) => out.push(markdownLine(line)));
  });
  return out;
}

function markdownLine(line) {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) return el("strong", { class: "line heading", role: "heading", "aria-level": "4" }, marks(heading[2]));
  if (/^\s*([-*_])\1{2,}\s*$/.test(line)) return el("hr");
  const item = /^\s*[-*+]\s+(.*)$/.exec(line);
  if (item) return el("div", { class: "line bullet" }, "• ", marks(item[1]));
  const quote = /^>\s?(.*)$/.exec(line);
  return quote ? el("blockquote", {}, marks(quote[1])) : el("div", { class: "line" }, marks(line));
}

function marks(text) {
  const out = [];
  let last = 0;
  for (const match of text.matchAll(MARKS)) {
    out.push(emoji(text.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, bold, code, label, href, strike, italic] = match;
    if (bold) out.push(el("strong", {}, marks(bold)));
    else if (code) out.push(el("code", {}, code));
    else if (label) out.push(link(href, label));
    else if (strike) out.push(el("s", {}, marks(strike)));
    else out.push(el("em", {}, marks(italic)));
  }
  out.push(emoji(text.slice(last)));
  return out;
}
