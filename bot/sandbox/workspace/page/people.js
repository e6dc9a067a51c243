// Faces, and the choice of the person to be.
import { el } from "./dom.js";
import { menu } from "./menu.js";

const FALLBACK = "#64748b";

const initials = (person) => (person.real_name || person.name || "?").split(/\s+/).map((part) => part[0]).join("").slice(0, 2).toUpperCase();

export function avatar(person, size = "") {
  const node = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials(person));
  node.style.background = person.color || FALLBACK;
  return node;
}

/** "You are: …", and the list of everybody to become. */
export function personSwitcher(world, become) {
  const me = world.person(world.me);
  const row = (person) => [avatar(person, "small"), el("span", { class: "who" },
    el("strong", {}, person.real_name || person.name, person.is_guest && " (guest)", person.is_stranger && " (external)"),
    el("small", {}, [person.title, ...world.groupsOf(person.id).map((group) => `@${group.handle}`)].filter(Boolean).join(" · ")))];
  return menu({
    label: `You are: ${world.personName(me.id)}. Be somebody else`, testid: "person-switcher", id: "person-switcher", className: "button person", align: "end", wide: true,
    face: [avatar(me, "small"), el("span", { class: "you" }, el("span", { class: "wide-only" }, "You are: "), el("strong", {}, world.personName(me.id))), el("span", { "aria-hidden": "true" }, "▾")],
    items: () => world.humans.map((person) => ({ testid: `person-${person.id}`, face: row(person), current: person.id === world.me, run: () => become(person.id) })),
    note: approvalHint(world),
  });
}

function approvalHint(world) {
  const dba = world.state.groups.find((group) => group.handle === "dba");
  const names = dba?.users.map((id) => world.personName(id)).join(" and ");
  const who = names ? `Here ${names} (@${dba.handle}) may approve. ` : "";
  return `${who}Nobody approves their own request. Open a second window to be two people at once.`;
}
