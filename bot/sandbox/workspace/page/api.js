// The server's side of the page: calls, the first state, and what is pushed.
import { toast } from "./toast.js";

const RETRY_MS = 1000;
const JSON_BODY = { "Content-Type": "application/json" };

/** Call the server. Always an answer with `ok`; words of a failure are shown as a toast. */
export async function call(name, body) {
  let answer;
  try {
    const response = await fetch(`/_page/${name}`, { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) });
    answer = await response.json();
  } catch {
    answer = { ok: false, error: "The local Slack does not answer. Is it still running?" };
  }
  if (!answer.ok && answer.error) toast(answer.error);
  return answer;
}

/** Everything that a person sees, or null if there is no such person or no server. */
export async function load(user) {
  try {
    const response = await fetch(`/_page/state?user=${encodeURIComponent(user)}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Follow a person's screen. `onOpen(again)` is called at every connection, `onDown` at every loss. Returns a way to stop. */
export function live(user, { onFrame, onOpen, onDown }) {
  let stopped = false;
  let opened = false;
  let socket;
  const connect = () => {
    if (stopped) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/_page/live?user=${encodeURIComponent(user)}`);
    socket.onopen = () => {
      onOpen(opened);
      opened = true;
    };
    socket.onmessage = (event) => { if (!stopped) onFrame(JSON.parse(event.data)); };
    socket.onclose = () => {
      if (stopped) return;
      onDown();
      setTimeout(connect, RETRY_MS);
    };
  };
  connect();
  return () => {
    stopped = true;
    socket.close();
  };
}
