// Where messages and commands are typed.
import { call } from "./api.js";
import { clear, el } from "./dom.js";
const history = [];
export function composer(world, { thread_ts = null } = {}) {
  let at = history.length;
  const list = el("ul", { class: "completion", role: "listbox", hidden: true });
  const box = el("textarea", { rows: "1", testid: thread_ts ? "thread-composer" : "composer", "aria-label": thread_ts ? "Reply" : `Message #${world.channelName(world.currentChannel())}`,
    placeholder: thread_ts ? "Reply…" : `Message #${world.channelName(world.currentChannel())} or type /`, oninput: () => complete(), onkeydown: (event) => key(event) });
  const matching = () => thread_ts || !box.value.startsWith("/") ? [] : world.commands().filter((command) => command.command.startsWith(box.value.split(" ")[0]) && !box.value.includes(" "));
  const complete = () => {
    const found = matching();
    list.hidden = !found.length;
    clear(list, ...found.map((command) => el("li", { role: "option", onmousedown: (event) => { event.preventDefault(); take(command); } },
      el("strong", {}, command.command), ` ${command.usage_hint ?? ""}`, el("small", {}, command.description))));
  };
  const take = (command) => { box.value = command.command + " "; list.hidden = true; box.focus(); };
  const send = async () => {
    const text = box.value.trim();
    if (!text) return;
    history.push(text);
    at = history.length;
    box.value = "";
    list.hidden = true;
    if (text.startsWith("/") && !thread_ts) await call("command", { user: world.me(), channel: world.currentChannel(), text });
    else await call("message", { user: world.me(), channel: world.currentChannel(), text, thread_ts });
  };
  const key = (event) => {
    if (event.key === "Tab" && matching().length) { event.preventDefault(); take(matching()[0]); }
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const found = matching();
      if (found.length && box.value !== found[0].command) take(found[0]); else send();
    } else if (event.key === "Escape") list.hidden = true;
    else if (event.key === "ArrowUp" && !box.value && at > 0) { at -= 1; box.value = history[at]; }
  };
  return el("div", { class: "composer" }, list, el("div", { class: "composer-row" }, box, el("button", { class: "button primary", testid: thread_ts ? "thread-send" : "send", onclick: send }, "Send")));
}
