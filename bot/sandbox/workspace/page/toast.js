// Short words at the edge of the window when something did not work.
import { el } from "./dom.js";

const STAYS_MS = 7000;

/** Show an error for a few seconds; a screen reader says it at once. */
export function toast(text) {
  const close = () => note.remove();
  const note = el("div", { class: "toast", testid: "toast", role: "alert" },
    el("span", {}, text),
    el("button", { type: "button", class: "icon", "aria-label": "Close notice", onclick: close }, "✕"));
  document.getElementById("toasts").append(note);
  setTimeout(close, STAYS_MS);
}
