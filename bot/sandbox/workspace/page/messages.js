// Messages in a channel and in the thread pane.
import { call } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
export function messageRow(message, world, { inThread = false } = {}) {
  const person = world.person(message.user);
  const at = new Date(Number(message.ts) * 1000);
  const context = {
    world, values: new Map(), key: `${message.channel}-${message.ts}-${inThread}`, confirm: world.confirm,
    container: () => ({ message: { channel: message.channel, ts: message.ts } }), state: () => ({ values: {} }),
    act: (block, element, action) => call("action", { user: world.me(), message: { channel: message.channel, ts: message.ts }, block_id: block.block_id, action_id: element.action_id, action, state: { values: {} } }),
  };
  const body = message.blocks?.length ? renderBlocks(message.blocks, context) : [el("div", { class: "block" }, mrkdwn(message.text ?? "", world))];
  const thread = !inThread && message.reply_count ? el("button", { class: "replies", testid: `thread-open-${message.ts}`, onclick: () => world.openThread(message.ts) }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`) : null;
  const menu = message.ephemeral_to ? null : el("div", { class: "menu" },
    !inThread && el("button", { "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => world.openThread(message.thread_ts ?? message.ts) }, "💬"),
    ...world.shortcuts("message").map((shortcut) => el("button", { title: shortcut.description ?? shortcut.name, testid: `shortcut-${shortcut.callback_id}`, onclick: () => call("shortcut", { user: world.me(), callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts }) }, shortcut.name)));
  return el("article", { class: "message" + (message.ephemeral_to ? " ephemeral" : ""), testid: `message-${message.ts}` },
    el("span", { class: "avatar", style: `background:${person.color ?? "#666"}`, "aria-hidden": "true" }, initials(person)),
    el("div", { class: "message-body" },
      el("div", { class: "by" }, el("strong", {}, person.real_name || person.name), person.is_bot && el("span", { class: "badge" }, "APP"),
        el("time", { datetime: at.toISOString() }, at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })),
        message.ephemeral_to && el("span", { class: "only" }, "Only visible to you"),
        message.broadcast && !inThread && el("span", { class: "only" }, "replied to a thread")),
      ...body, message.edited && el("span", { class: "edited" }, "(edited)"), thread),
    menu);
}
export const initials = (person) => (person.real_name || person.name || "?").split(" ").map((part) => part[0]).join("").slice(0, 2).toUpperCase();
