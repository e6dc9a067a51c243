// Puts the page together and keeps it up to date.
import { call, live, load } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { clear, el } from "./dom.js";
import { initials, messageRow } from "./messages.js";
import { confirmDialog, showModals } from "./modal.js";
import { World } from "./store.js";
const root = document.getElementById("app");
const address = new URL(location.href);
let world, stop, unread = new Set(), guideShown = !localStorage.getItem("guide-seen");
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;
async function become(user) {
  stop?.();
  const state = await load(user);
  const channel = world?.channel ?? address.searchParams.get("channel");
  world = new World(state);
  if (channel && state.channels.some((each) => each.id === channel)) world.channel = channel;
  world.openThread = (ts) => { world.thread = ts; draw(); };
  world.confirm = confirmDialog;
  unread = new Set();
  showModals([], world);
  draw();
  showModals(state.views, world);
  stop = live(user, frame, () => { world.state.bot.connected = false; draw(); });
}
function frame(data) {
  if (data.type === "message") {
    const fresh = world.put(data.message);
    if (fresh && data.message.channel !== world.channel) unread.add(data.message.channel);
  } else if (data.type === "message_deleted") world.drop(data.channel, data.ts);
  else if (data.type === "views") return showModals(data.views, world);
  else if (data.type === "home") world.state.home = data.home;
  else if (data.type === "bot") world.state.bot.connected = data.connected;
  else if (data.type === "channel") {
    const index = world.state.channels.findIndex((each) => each.id === data.channel.id);
    if (index >= 0) world.state.channels[index] = data.channel; else world.state.channels.push(data.channel);
  }
  draw();
}
function draw() {
  const url = new URL(location.href);
  url.searchParams.set("user", world.me());
  url.searchParams.set("channel", world.channel);
  history.replaceState(null, "", url);
  const box = root.querySelector("[data-testid=composer]"), typed = box?.value, focused = document.activeElement === box;
  const list = root.querySelector(".messages"), atEnd = !list || list.scrollTop + list.clientHeight > list.scrollHeight - 80, top = list?.scrollTop;
  const reply = root.querySelector("[data-testid=thread-composer]")?.value;
  clear(root, el("div", { class: "frame" + (world.thread && !world.home ? " with-thread" : "") }, sidebar(), world.home ? homeTab() : channelPane(), !world.home && world.thread && threadPane()));
  const next = root.querySelector("[data-testid=composer]");
  if (next && typed) next.value = typed;
  if (next && focused) next.focus();
  const again = root.querySelector("[data-testid=thread-composer]");
  if (again && reply) again.value = reply;
  const messages = root.querySelector(".messages");
  if (messages) messages.scrollTop = atEnd ? messages.scrollHeight : top;
  const thread = root.querySelector(".thread-messages");
  if (thread) thread.scrollTop = thread.scrollHeight;
}
function go(channel) { world.channel = channel; world.home = false; world.thread = null; unread.delete(channel); root.querySelector(".sidebar")?.classList.remove("open"); draw(); }
function sidebar() {
  const item = (channel) => el("button", { class: "channel" + (channel.id === world.channel && !world.home ? " current" : "") + (unread.has(channel.id) ? " unread" : ""), testid: `channel-${channel.id}`, onclick: () => go(channel.id) },
    channel.kind === "im" ? "@ " : channel.kind === "private" ? "🔒 " : "# ", world.channelName(channel.id), channel.is_archived && el("small", {}, " archived"));
  const of = (kinds) => world.channels().filter((channel) => kinds.includes(channel.kind));
  return el("nav", { class: "sidebar", "aria-label": "Channels" },
    el("div", { class: "team" }, el("strong", {}, world.state.team.name), el("small", {}, "local, for trying things")),
    el("h2", {}, "Channels"), ...of(["channel", "private"]).map(item),
    el("h2", {}, "Direct messages"), ...of(["im"]).map(item),
    el("h2", {}, "Apps"), el("button", { class: "channel" + (world.home ? " current" : ""), testid: "home-tab", onclick: () => { world.home = true; draw(); call("home", { user: world.me() }); } }, "⌂ ", world.state.bot.name,
      el("span", { class: "dot " + (world.state.bot.connected ? "on" : "off"), title: world.state.bot.connected ? "connected" : "not connected" })),
    ...world.shortcuts("global").map((shortcut) => el("button", { class: "channel", testid: `shortcut-${shortcut.callback_id}`, onclick: () => call("shortcut", { user: world.me(), callback_id: shortcut.callback_id }) }, "⚡ ", shortcut.name)),
    el("button", { class: "channel theme", testid: "theme-toggle", onclick: toggleTheme }, "◐ Light or dark"));
}
function toggleTheme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
}
function switcher() {
  const me = world.person(world.me());
  const menu = el("div", { class: "people", role: "menu", hidden: true }, ...world.state.people.filter((person) => !person.is_bot).map((person) => el("button", { role: "menuitem", testid: `person-${person.id}`, onclick: () => become(person.id) },
    el("span", { class: "avatar small", style: `background:${person.color}` }, initials(person)), el("span", {}, el("strong", {}, person.real_name), el("small", {}, person.title)))));
  return el("div", { class: "switcher" }, el("button", { class: "button", testid: "person-switcher", "aria-haspopup": "menu", onclick: () => { menu.hidden = !menu.hidden; } },
    el("span", { class: "avatar small", style: `background:${me.color}` }, initials(me)), "You are ", el("strong", {}, me.real_name), " ▾"), menu);
}
function head(title, topic) {
  return el("header", { class: "head" }, el("button", { class: "icon drawer", "aria-label": "Channels", onclick: () => root.querySelector(".sidebar").classList.toggle("open") }, "☰"),
    el("div", {}, el("h1", {}, title), topic && el("p", {}, topic)), switcher());
}
function guide() {
  if (!guideShown) return null;
  const steps = ["You are Alice: type /rds-restore orders-prod to orders-staging below.", "Choose a backup, give a reason, check, ask for approval.", "Switch to Bob (top right): press Approve and type the name.", "Open the thread and watch until the database is back."];
  return el("aside", { class: "guide" }, el("div", {}, el("strong", {}, "Try it in four steps"), el("ol", {}, ...steps.map((step) => el("li", {}, step)))),
    el("button", { class: "icon", "aria-label": "Dismiss", onclick: () => { guideShown = false; localStorage.setItem("guide-seen", "1"); draw(); } }, "✕"));
}
function channelPane() {
  const channel = world.channels().find((each) => each.id === world.channel);
  const title = (channel?.kind === "im" ? "@" : "#") + world.channelName(world.channel);
  return el("main", { class: "pane" }, head(title, channel?.topic), guide(),
    el("div", { class: "messages", tabindex: "0", "aria-label": "Messages" }, ...world.roots(world.channel).map((message) => messageRow(message, world))), composer(world));
}
function threadPane() {
  return el("aside", { class: "thread", testid: "thread", "aria-label": "Thread" }, el("header", { class: "head" }, el("h1", {}, "Thread"), el("button", { class: "icon", "aria-label": "Close thread", onclick: () => { world.thread = null; draw(); } }, "✕")),
    el("div", { class: "thread-messages" }, ...world.replies(world.channel, world.thread).map((message) => messageRow(message, world, { inThread: true }))), composer(world, { thread_ts: world.thread }));
}
function homeTab() {
  const view = world.state.home;
  const context = { world, values: new Map(), key: "home", confirm: confirmDialog, container: () => ({ view_id: view?.id }), state: () => ({ values: {} }),
    act: (block, element, action) => call("action", { user: world.me(), view_id: view.id, block_id: block.block_id, action_id: element.action_id, action, state: { values: {} } }) };
  return el("main", { class: "pane" }, head(world.state.bot.name), el("div", { class: "messages home" }, ...(view ? renderBlocks(view.blocks, context) : ["Nothing here yet."])));
}
become(address.searchParams.get("user") ?? "U0ALICE");
