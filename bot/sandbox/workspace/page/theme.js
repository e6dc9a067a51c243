// Light or dark: as the machine says, until a person chooses.
import { el } from "./dom.js";
import { icon } from "./icons.js";

const STORED = "theme";

/** Apply what was chosen earlier. */
export function restoreTheme() {
  const chosen = localStorage.getItem(STORED);
  if (chosen) document.documentElement.dataset.theme = chosen;
}

/** The button that changes it. */
export function themeToggle() {
  return el("button", { type: "button", class: "icon", testid: "theme-toggle", "aria-label": "Change between light and dark", title: "Light or dark", onclick: toggle }, icon("theme"));
}

function toggle() {
  const now = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(STORED, next);
}
