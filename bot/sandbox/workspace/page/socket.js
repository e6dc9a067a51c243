// A WebSocket of this origin that comes back by itself.

const RETRY_MS = 1000;

/** Follow `path`. `onOpen(again)` is called at every connection, `onDown` at every loss. Returns a way to stop. */
export function follow(path, { onFrame, onOpen = () => {}, onDown = () => {} }) {
  let stopped = false;
  let opened = false;
  let socket;
  const connect = () => {
    if (stopped) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}${path}`);
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
