// The server's side of the page: calls, what there is at the start, and what is pushed.
import { follow } from "./socket.js";
import { toast } from "./toast.js";

const JSON_BODY = { "Content-Type": "application/json" };
const SILENT = "The local Slack does not answer. Is it still running?";

/** Post to the server. Always an answer with `ok`, and with `error` in words where it is not. */
export async function post(path, body) {
  try {
    const response = await fetch(path, { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) });
    return await response.json();
  } catch {
    return { ok: false, error: SILENT };
  }
}

/** Do something as a person in Slack; the words of a failure are shown as a notice. */
export async function call(name, body) {
  const answer = await post(`/_page/${name}`, body);
  if (!answer.ok && answer.error) toast(answer.error);
  return answer;
}

/** What the server answers to a GET, or null if it has nothing there or does not answer. */
export async function get(path) {
  try {
    const response = await fetch(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Everything that a person sees. */
export const load = (user) => get(`/_page/state?user=${encodeURIComponent(user)}`);

/** Follow a person's screen. */
export const live = (user, listeners) => follow(`/_page/live?user=${encodeURIComponent(user)}`, listeners);
