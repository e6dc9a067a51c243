// Elements in which a person enters or chooses something.
import { epochOf, localOf } from "./clock.js";
import { el } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { multiSelect, nameOf, select } from "./selects.js";

const PICKERS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
const TEXTS = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "text" };
const SELECTS = ["static_select", "external_select", "users_select", "conversations_select", "channels_select"];
const MULTI = ["multi_static_select", "multi_external_select", "multi_users_select"];
/** Characters that are left when it is worth saying so. */
const NEAR_FULL = 20;
/** Where no dispatch_action_config says otherwise. */
const TOLD_ON = ["on_enter_pressed"];

/** The element as an input, or null if this page does not know its type. `attributes` go to the control. */
export function input(element, block, surface, attributes = {}) {
  const named = block.type === "input" ? attributes : { ...attributes, "aria-label": nameOf(element, block) };
  if (element.type in TEXTS) return text(element, block, surface, named);
  if (element.type in PICKERS) return picker(element, block, surface, named);
  if (SELECTS.includes(element.type)) return select(element, block, surface, named);
  if (MULTI.includes(element.type)) return multiSelect(element, block, surface, named);
  if (element.type === "radio_buttons") return choices("radio", element, block, surface, attributes);
  if (element.type === "checkboxes") return choices("checkbox", element, block, surface, attributes);
  return null;
}

function text(element, block, surface, attributes) {
  const told = element.dispatch_action_config?.trigger_actions_on ?? TOLD_ON;
  const tell = (when) => block.dispatch_action && told.includes(when) && surface.act(block, element, surface.values.set(block, element, node.value));
  const node = el(element.multiline ? "textarea" : "input", {
    ...attributes, id: surface.id(block, element), placeholder: plain(element.placeholder), maxlength: element.max_length,
    autocomplete: "off", ...(element.multiline ? { rows: "3" } : { type: TEXTS[element.type], inputmode: element.type === "number_input" && "decimal" }),
    oninput: () => {
      surface.enter(block, element, node.value);
      tell("on_character_entered");
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || element.multiline || !block.dispatch_action) return;
      event.preventDefault();
      tell("on_enter_pressed");
    },
  });
  node.value = surface.values.get(block, element) ?? "";
  if (element.focus_on_load) node.dataset.first = "";
  return element.max_length ? counted(node, element) : node;
}

/** How much of the room for a text is used; a screen reader hears of it near the end. */
function counted(node, { max_length: most, min_length: least = 0 }) {
  const count = el("div", { class: "count", "aria-hidden": "true" });
  const warning = el("div", { class: "unseen", role: "status" });
  const say = () => {
    const { length } = node.value;
    count.textContent = length && length < least ? `at least ${least} characters` : `${length} / ${most}`;
    warning.textContent = most - length <= NEAR_FULL ? `${most - length} characters left` : "";
  };
  node.addEventListener("input", say);
  say();
  return el("div", { class: "counted" }, node, count, warning);
}

function picker(element, block, surface, attributes) {
  const isMoment = element.type === "datetimepicker";
  const { tz } = surface.world;
  const value = surface.values.get(block, element);
  const node = el("input", {
    ...attributes, id: surface.id(block, element), type: PICKERS[element.type],
    onchange: () => surface.enter(block, element, node.value && isMoment ? epochOf(node.value, tz) : node.value),
  });
  node.value = value && isMoment ? localOf(value, tz) : value ?? "";
  return node;
}

function choices(kind, element, block, surface, attributes) {
  const id = surface.id(block, element);
  const held = surface.values.get(block, element);
  const chosen = new Set([held ?? []].flat().map((option) => option.value));
  const boxes = element.options.map((option, index) => {
    const box = el("input", { type: kind, name: id, id: `${id}-${index}`, checked: chosen.has(option.value), onchange: () => entered(option) });
    box.checked = chosen.has(option.value);
    return box;
  });
  const entered = (option) => surface.enter(block, element, kind === "radio" ? option : element.options.filter((_, index) => boxes[index].checked));
  const rows = element.options.map((option, index) => el("label", { class: "choice" }, boxes[index],
    el("span", {}, textObject(option.text, surface.world), option.description && el("small", {}, textObject(option.description, surface.world)))));
  const name = block.type === "input" ? { "aria-labelledby": `${id}-label` } : { "aria-label": nameOf(element, block) };
  return el("div", { ...attributes, ...name, class: "choices", id, role: kind === "radio" ? "radiogroup" : "group" }, rows);
}
