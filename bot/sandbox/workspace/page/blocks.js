// Blocks of messages, modals and the Home tab.
import { el } from "./dom.js";
import { input } from "./inputs.js";
import { textObject } from "./mrkdwn.js";
export function renderBlocks(blocks, context) {
  return (blocks ?? []).map((block) => renderBlock(block, context)).filter(Boolean);
}
function renderBlock(block, context) {
  const { world } = context;
  switch (block.type) {
    case "header": return el("h3", { class: "block header" }, block.text.text);
    case "divider": return el("hr", { class: "block" });
    case "context": return el("div", { class: "block context" }, ...block.elements.map((item) => item.type === "image" ? el("img", { src: item.image_url, alt: item.alt_text }) : textObject(item, world)));
    case "section": return el("div", { class: "block section" },
      block.text && el("div", { class: "section-text" }, textObject(block.text, world)),
      block.fields && el("div", { class: "fields" }, ...block.fields.map((field) => el("div", { class: "field" }, textObject(field, world)))),
      block.accessory && el("div", { class: "accessory" }, element(block.accessory, block, context)));
    case "actions": return el("div", { class: "block actions" }, ...block.elements.map((item) => element(item, block, context)));
    case "input": return inputBlock(block, context);
    case "markdown": return el("div", { class: "block" }, block.text);
    default: return null;
  }
}
function inputBlock(block, context) {
  const error = context.errors?.[block.block_id];
  const id = `in-${context.key}-${block.block_id}`;
  return el("div", { class: "block input" + (error ? " wrong" : ""), testid: `field-${block.block_id}` },
    el("label", { for: id, id: `${id}-label` }, block.label.text, block.optional ? el("span", { class: "optional" }, " (optional)") : null),
    input(block.element, { ...context, block, id, invalid: Boolean(error), dispatch: block.dispatch_action }),
    error && el("div", { class: "error", role: "alert", testid: `error-${block.block_id}` }, error),
    block.hint && el("div", { class: "hint" }, block.hint.text));
}
function element(item, block, context) {
  if (item.type !== "button") return input(item, { ...context, block, id: `el-${context.key}-${item.action_id}`, dispatch: true });
  const press = async () => {
    if (item.confirm && !(await context.confirm(item.confirm))) return;
    button.disabled = true;
    await context.act(block, item, { type: "button", value: item.value });
    button.disabled = false;
  };
  const button = el("button", { type: "button", class: `button ${item.style ?? ""}`, testid: `action-${item.action_id}`, onclick: press }, item.text.text);
  return button;
}
