// Inputs: what was entered is kept in context.values, which survives a new drawing of the view.
import { call } from "./api.js";
import { el, clear } from "./dom.js";
export function input(element, context) {
  const slot = valueSlot(element, context);
  const common = { id: context.id, "aria-invalid": context.invalid ? "true" : undefined };
  switch (element.type) {
    case "plain_text_input": return plain(element, context, slot, common);
    case "radio_buttons": return choices("radio", element, context, slot);
    case "checkboxes": return choices("checkbox", element, context, slot);
    case "static_select": return select(element, context, slot, common);
    case "external_select": return combobox(element, context, slot, common);
    case "conversations_select": return conversations(element, context, slot, common);
    default: return el("div", { class: "hint" }, `${element.type} is not shown by this page`);
  }
}
function valueSlot(element, context) {
  const key = `${context.block.block_id}/${element.action_id}`;
  if (!context.values.has(key)) context.values.set(key, initial(element));
  return { get: () => context.values.get(key), set: (value) => { context.values.set(key, { type: element.type, ...value }); context.entered?.(context.block.block_id); } };
}
function initial(element) {
  return {
    type: element.type,
    ...(element.type === "plain_text_input" ? { value: element.initial_value ?? null } : {}),
    ...(element.type === "checkboxes" ? { selected_options: element.initial_options ?? [] } : {}),
    ...(["radio_buttons", "static_select", "external_select"].includes(element.type) ? { selected_option: element.initial_option ?? null } : {}),
    ...(element.type === "conversations_select" ? { selected_conversation: element.initial_conversation ?? null } : {}),
  };
}
const changed = (context, element, value) => { if (context.dispatch) context.act(context.block, element, { type: element.type, ...value }); };
function plain(element, context, slot, common) {
  const node = el(element.multiline ? "textarea" : "input", {
    ...common, placeholder: element.placeholder?.text, maxlength: element.max_length && String(element.max_length), rows: "3", autocomplete: "off",
    oninput: () => slot.set({ value: node.value || null }),
  });
  node.value = slot.get().value ?? "";
  return node;
}
function choices(kind, element, context, slot) {
  const name = context.id;
  const chosen = () => kind === "radio" ? [slot.get().selected_option?.value] : slot.get().selected_options.map((option) => option.value);
  const box = el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-labelledby": `${name}-label` });
  element.options.forEach((option, index) => {
    const node = el("input", { type: kind, name, id: index ? `${name}-${index}` : name, checked: chosen().includes(option.value), onchange: () => {
      const value = kind === "radio" ? { selected_option: option } : { selected_options: element.options.filter((other, at) => box.querySelectorAll("input")[at].checked) };
      slot.set(value);
      changed(context, element, value);
    } });
    box.append(el("label", { class: "choice" }, node, el("span", {}, option.text.text, option.description && el("small", {}, option.description.text))));
  });
  return box;
}
function select(element, context, slot, common) {
  const node = el("select", { ...common, onchange: () => {
    const value = { selected_option: element.options.find((option) => option.value === node.value) ?? null };
    slot.set(value);
    changed(context, element, value);
  } }, el("option", { value: "" }, element.placeholder?.text ?? "Choose"), ...element.options.map((option) => el("option", { value: option.value }, option.text.text)));
  node.value = slot.get().selected_option?.value ?? "";
  return node;
}
function conversations(element, context, slot, common) {
  const node = el("select", { ...common, onchange: () => slot.set({ selected_conversation: node.value || null }) },
    el("option", { value: "" }, "Choose a channel"),
    ...context.world.channels().filter((channel) => channel.kind !== "im").map((channel) => el("option", { value: channel.id }, "#" + channel.name)));
  if (!slot.get().selected_conversation && element.default_to_current_conversation) slot.set({ selected_conversation: context.world.currentChannel() });
  node.value = slot.get().selected_conversation ?? "";
  return node;
}
function combobox(element, context, slot, common) {
  let timer = 0, options = [], active = -1, asked = 0;
  const listId = `${context.id}-list`;
  const list = el("ul", { id: listId, role: "listbox", class: "options", hidden: true });
  const node = el("input", { ...common, role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", autocomplete: "off",
    placeholder: element.placeholder?.text ?? "Type to search",
    oninput: () => later(), onfocus: () => { node.select(); ask(""); },
    onblur: () => setTimeout(() => { close(); node.value = slot.get().selected_option?.text.text ?? ""; }, 150),
    onkeydown: (event) => keys(event) });
  node.value = slot.get().selected_option?.text.text ?? "";
  const close = () => { list.hidden = true; node.setAttribute("aria-expanded", "false"); };
  const later = () => { clearTimeout(timer); timer = setTimeout(() => ask(node.value), 200); };
  const pick = (option) => {
    node.value = option.text.text;
    slot.set({ selected_option: option });
    close();
    changed(context, element, { selected_option: option });
  };
  const draw = () => {
    clear(list, ...(options.length ? options.map((option, index) => el("li", { role: "option", testid: "option", id: `${listId}-${index}`, "aria-selected": String(index === active),
      onmousedown: (event) => { event.preventDefault(); pick(option); }, onclick: () => pick(option) },
      option.text.text, option.description && el("small", {}, option.description.text))) : [el("li", { class: "none" }, "No results")]));
    list.hidden = false;
    node.setAttribute("aria-expanded", "true");
    node.setAttribute("aria-activedescendant", active >= 0 ? `${listId}-${active}` : "");
  };
  const ask = async (value) => {
    const number = ++asked;
    const answer = await call("options", { ...context.container(), user: context.world.me(), block_id: context.block.block_id, action_id: element.action_id, value, state: context.state() });
    if (number !== asked) return;
    options = answer.options ?? (answer.option_groups ?? []).flatMap((group) => group.options);
    active = options.length ? 0 : -1;
    draw();
  };
  const keys = (event) => {
    if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask(node.value);
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      draw();
    } else if (event.key === "Enter" && !list.hidden && active >= 0) { event.preventDefault(); pick(options[active]); }
  };
  return el("div", { class: "combobox" }, node, list);
}
