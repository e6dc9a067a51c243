// The server's side of the page.
import { el } from "./dom.js";
export async function call(name, body) {
  let answer;
  try {
    const response = await fetch(`/_page/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    answer = await response.json();
  } catch {
    answer = { ok: false, error: "The local Slack does not answer." };
  }
  if (!answer.ok && answer.error) toast(answer.error);
  return answer;
}
export async function load(user) {
  const response = await fetch(`/_page/state?user=${encodeURIComponent(user)}`);
  return response.json();
}
export function live(user, onFrame, onDown) {
  let closed = false;
  let socket;
  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/_page/live?user=${encodeURIComponent(user)}`);
    socket.onmessage = (event) => onFrame(JSON.parse(event.data));
    socket.onclose = () => { if (!closed) { onDown(); setTimeout(connect, 1000); } };
  };
  connect();
  return () => { closed = true; socket.close(); };
}
export function toast(text) {
  const note = el("div", { class: "toast", testid: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}
