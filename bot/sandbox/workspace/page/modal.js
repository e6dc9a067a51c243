// The stack of modals of the person; the top one is shown.
import { call } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { clear, el } from "./dom.js";
const host = el("div", { class: "modal-host", hidden: true });
document.body.append(host);
const kept = new Map();
let errors = {}, busy = false, opener = null, shownId = null;
export function showModals(views, world) {
  for (const id of kept.keys()) if (!views.some((view) => view.id === id)) kept.delete(id);
  const view = views.at(-1);
  if (!view) {
    host.hidden = true;
    clear(host);
    if (shownId) opener?.focus?.();
    shownId = null;
    return;
  }
  if (shownId !== view.id) { if (!shownId) opener = document.activeElement; errors = {}; busy = false; }
  const focused = document.activeElement?.id;
  draw(view, views, world);
  const again = focused && document.getElementById(focused);
  if (shownId === view.id && again) again.focus();
  else if (shownId !== view.id) host.querySelector("input, select, textarea, .modal-footer button:last-child, button")?.focus();
  shownId = view.id;
}
function prune(view, values) {
  const present = new Set((view.blocks ?? []).filter((block) => block.type === "input").map((block) => `${block.block_id}/${block.element.action_id}`));
  for (const key of values.keys()) if (!present.has(key)) values.delete(key);
}
function stateOf(values) {
  const state = {};
  for (const [key, value] of values) { const [block, action] = key.split("/"); (state[block] ??= {})[action] = value; }
  return { values: state };
}
function draw(view, views, world) {
  if (!kept.has(view.id)) kept.set(view.id, new Map());
  const values = kept.get(view.id);
  prune(view, values);
  const container = () => ({ view_id: view.id });
  const context = {
    world, values, errors, key: view.id, container, state: () => stateOf(values),
    act: (block, element, action) => call("action", { user: world.me(), view_id: view.id, block_id: block.block_id, action_id: element.action_id, action, state: stateOf(values) }),
    confirm: world.confirm,
    // What was wrong is being changed, so the words about it go.
    entered: (block) => { delete errors[block]; const field = host.querySelector(`[data-testid="field-${block}"]`); field?.classList.remove("wrong"); field?.querySelector(".error")?.remove(); },
  };
  const close = async (all) => { const answer = await call("close", { user: world.me(), view_id: view.id, all }); if (answer.views) showModals(answer.views, world); };
  const submit = async (event) => {
    event?.preventDefault();
    if (busy) return;
    busy = true;
    button?.setAttribute("disabled", "");
    const answer = await call("submit", { user: world.me(), view_id: view.id, state: stateOf(values) });
    busy = false;
    errors = answer.errors ?? {};
    if (Object.keys(errors).length) { draw(view, views, world); host.querySelector(".wrong input, .wrong textarea")?.focus(); }
    else if (answer.views) showModals(answer.views, world);
    else button?.removeAttribute("disabled");
  };
  const button = view.submit && el("button", { type: "submit", class: "button primary", testid: "modal-submit" }, view.submit.text);
  const form = el("form", { class: "modal", role: "dialog", "aria-modal": "true", "aria-label": view.title.text, testid: "modal", novalidate: true, onsubmit: submit,
    onkeydown: (event) => { if (event.key === "Escape") close(false); trap(event); } },
    el("div", { class: "modal-head" }, el("h2", {}, view.title.text), el("button", { type: "button", class: "icon", "aria-label": "Close", testid: "modal-close", onclick: () => close(true) }, "✕")),
    el("div", { class: "modal-body" }, ...renderBlocks(view.blocks, context)),
    el("div", { class: "modal-footer" }, el("button", { type: "button", class: "button", onclick: () => close(false) }, views.length > 1 ? "Back" : view.close?.text ?? "Cancel"), button));
  const scroll = host.querySelector(".modal-body")?.scrollTop ?? 0;
  clear(host, form);
  host.hidden = false;
  form.querySelector(".modal-body").scrollTop = shownId === view.id ? scroll : 0;
}
function trap(event) {
  if (event.key !== "Tab") return;
  const all = [...event.currentTarget.querySelectorAll("input, select, textarea, button, a")].filter((node) => !node.disabled && node.offsetParent);
  const [first, last] = [all[0], all.at(-1)];
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
  else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
}
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    const done = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const dialog = el("dialog", { class: "confirm", oncancel: () => done(false) },
      el("h2", {}, confirm.title.text), el("p", {}, confirm.text.text),
      el("div", { class: "modal-footer" }, el("button", { class: "button", onclick: () => done(false) }, confirm.deny?.text ?? "Cancel"),
        el("button", { class: "button primary", testid: "confirm", onclick: () => done(true) }, confirm.confirm?.text ?? "Yes")));
    document.body.append(dialog);
    dialog.showModal();
  });
}
