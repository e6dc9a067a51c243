// The sidebar: channels, direct messages, the app.
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { avatar } from "./people.js";

const markOf = (world, channel) => (channel.kind === "im" ? avatar(world.person(channel.with), "tiny") : channel.kind === "private" ? icon("lock") : "#");

/** `go(channel id)`, `goHome()` and `write(user id)` are told where the person wants to be. */
export function sidebar(world, { go, goHome, write }) {
  const of = (...kinds) => world.channels.filter((channel) => kinds.includes(channel.kind));
  const item = (channel) => channelItem(world, channel, go);
  const { connected, name } = world.bot;
  const { appChannel } = world;
  const isAtApp = world.atHome || (appChannel && world.channel === appChannel.id);
  const news = appChannel ? world.unread(appChannel.id) : {};
  return [
    el("div", { class: "team" }, el("strong", {}, world.state.team.name), el("small", {}, "A local workspace for trying things")),
    el("h2", {}, "Channels"), of("channel", "private").map(item),
    el("h2", {}, "Direct messages"), of("im").filter((channel) => channel !== world.appChannel).map(item), newMessage(world, write),
    el("h2", {}, "Apps"),
    el("button", { type: "button", class: `place${news.any ? " unread" : ""}`, id: "home-tab", testid: "home-tab", "aria-current": isAtApp ? "page" : undefined, onclick: () => (world.bot.home_tab && !news.any ? goHome() : write(world.bot.user_id)) },
      el("span", { class: "mark", "aria-hidden": "true" }, avatar(world.person(world.bot.user_id), "tiny")), el("span", { class: "name" }, name), newsMark(news),
      el("span", { class: `dot ${connected ? "on" : ""}`, role: "img", "aria-label": connected ? "connected" : "not connected", title: connected ? "The app is connected" : "The app is not connected" })),
  ];
}

function channelItem(world, channel, go) {
  const isCurrent = !world.atHome && channel.id === world.channel;
  const news = isCurrent ? {} : world.unread(channel.id);
  return el("button", {
    type: "button", id: `channel-${channel.id}`, testid: `channel-${channel.id}`, class: `place${news.any ? " unread" : ""}${channel.is_archived ? " archived" : ""}`,
    "aria-current": isCurrent ? "page" : undefined, onclick: () => go(channel.id),
  }, el("span", { class: "mark", "aria-hidden": "true" }, markOf(world, channel)), el("span", { class: "name", title: world.channelName(channel.id) }, world.channelName(channel.id)),
  channel.is_archived && el("small", {}, "archived"), channel.is_ext_shared && el("small", {}, "shared"), newsMark(news));
}

/** A dot for something new, a number for what is addressed to this person. */
function newsMark({ any, forMe }) {
  if (forMe) return el("span", { class: "badge-count", role: "img", "aria-label": `new messages, ${forMe} for you` }, el("span", { "aria-hidden": "true" }, String(forMe)));
  return any && el("span", { class: "pip", role: "img", "aria-label": "new messages" });
}

function newMessage(world, write) {
  return menu({
    label: "New direct message", id: "new-message", testid: "new-message", className: "place quiet", face: [el("span", { class: "mark", "aria-hidden": "true" }, "+"), el("span", { class: "name" }, "New message")],
    items: () => world.humans.filter((person) => person.id !== world.me).map((person) => ({ face: [avatar(person, "small"), world.personName(person.id)], run: () => write(person.id) })),
  });
}
