// The dialog that asks before an element acts.
import { el } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { lay } from "./overlay.js";

/** Ask; resolves to whether the person agreed. `dialog` is Slack's confirm object. */
export function confirm(dialog, world) {
  return new Promise((resolve) => {
    const done = (answer) => {
      close();
      resolve(answer);
    };
    const agree = el("button", { type: "button", testid: "confirm", class: `button ${dialog.style === "danger" ? "danger solid" : "primary"}`, onclick: () => done(true) },
      plain(dialog.confirm) || "Yes");
    const box = el("div", { class: "confirm", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text", testid: "confirm-dialog" },
      el("h2", { id: "confirm-title" }, plain(dialog.title)),
      el("div", { id: "confirm-text" }, textObject(dialog.text, world)),
      el("div", { class: "foot" },
        el("button", { type: "button", class: "button", testid: "confirm-deny", onclick: () => done(false) }, plain(dialog.deny) || "Cancel"),
        agree));
    const close = lay(box, () => done(false));
    agree.focus();
  });
}
