// Selects of one or several options, people and conversations.
import { Combobox } from "./combobox.js";
import { el, fill } from "./dom.js";
import { plain } from "./mrkdwn.js";

/** What Slack takes where an external select gives no min_query_length. */
const MIN_QUERY = 3;

const option = (value, text, description) => ({ value, text: { type: "plain_text", text }, description: description && { type: "plain_text", text: description } });

const people = (world) => world.humans.map((person) => option(person.id, person.real_name || person.name, person.title));

const conversations = (world) => world.channels.filter((channel) => channel.kind !== "im" && !channel.is_archived).map((channel) => option(channel.id, `#${channel.name}`, channel.topic));

/** Keep the options in whose words the typed characters stand. */
function fitting(groups, typed) {
  const wanted = typed.trim().toLowerCase();
  const fits = (each) => `${plain(each.text)} ${plain(each.description)}`.toLowerCase().includes(wanted);
  return groups.map((group) => ({ ...group, options: group.options.filter(fits) }));
}

const listed = (element) => element.option_groups ?? [{ options: element.options ?? [] }];

/** Element type → where its options come from. */
function source(element, block, surface) {
  if (element.type.endsWith("external_select")) {
    return { wait: true, min: element.min_query_length ?? MIN_QUERY, find: (typed) => surface.options(block, element, typed) };
  }
  const groups = {
    multi_users_select: () => [{ options: people(surface.world) }],
    users_select: () => [{ options: people(surface.world) }],
    conversations_select: () => [{ options: conversations(surface.world) }],
    channels_select: () => [{ options: conversations(surface.world) }],
  }[element.type] ?? (() => listed(element));
  return { find: (typed) => fitting(groups(), typed) };
}

/** A select of one option. */
export function select(element, block, surface, attributes) {
  const holdsId = !element.type.endsWith("static_select") && !element.type.endsWith("external_select");
  const { wait, min, find } = source(element, block, surface);
  const value = surface.values.get(block, element);
  const known = holdsId ? find("")[0].options.find((each) => each.value === value) : value;
  return new Combobox({
    id: surface.id(block, element), attributes, name: nameOf(element, block), placeholder: plain(element.placeholder) || "Choose an option",
    wait, min, find, chosen: known ?? null,
    pick: (chosen) => surface.enter(block, element, holdsId ? chosen?.value ?? null : chosen),
  }).node;
}

/** A select of several options: what is chosen stands above the typeahead and can be removed. */
export function multiSelect(element, block, surface, attributes) {
  const { wait, min, find } = source(element, block, surface);
  const holdsIds = element.type === "multi_users_select";
  const held = () => surface.values.get(block, element);
  const chosen = () => (holdsIds ? held().map((id) => find("")[0].options.find((each) => each.value === id)).filter(Boolean) : held());
  const change = (options) => {
    surface.enter(block, element, holdsIds ? options.map((each) => each.value) : options);
    draw();
  };
  const without = (options, gone) => options.filter((each) => each.value !== gone.value);
  const chip = (each) => el("span", { class: "chip" }, plain(each.text),
    el("button", { type: "button", "aria-label": `Remove ${plain(each.text)}`, onclick: () => change(without(chosen(), each)) }, "✕"));
  const chips = el("div", { class: "chips" });
  const draw = () => fill(chips, chosen().map(chip));
  draw();
  const more = new Combobox({
    id: surface.id(block, element), attributes, name: nameOf(element, block), placeholder: plain(element.placeholder) || "Choose options",
    wait, min, find, clears: true,
    pick: (each) => each && chosen().length < (element.max_selected_items ?? Infinity) && change([...without(chosen(), each), each]),
  });
  return el("div", { class: "multi" }, chips, more.node);
}

export const nameOf = (element, block) => plain(block.label) || plain(element.placeholder) || element.action_id;
