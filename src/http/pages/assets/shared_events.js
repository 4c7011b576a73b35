/**
 * Holds the streams of events for all tabs of a browser. It opens six connections to a server, and a
 * page that waits for a seventh isn't even shown. So there are few streams, one for each run; whoever
 * wants another one is told that there is no room, and has to look now and then.
 */

/** The others are for pages. */
const MOST = 3;
/** Milliseconds after which a tab that says nothing has crashed. Tabs say that they are there. */
const SILENT = 30_000;

const EVENTS = ["progress", "status", "unavailable", "available", "end"];

/** @typedef {{source: EventSource, ports: Set<MessagePort>}} Stream */

/** By address. @type {Map<string, Stream>} */
const streams = new Map();
/** When a tab was last there. @type {Map<MessagePort, number>} */
const heard = new Map();

/** @param {MessagePort} port */
function leave(port) {
  heard.delete(port);
  for (const [address, { source, ports }] of streams) {
    ports.delete(port);
    if (ports.size > 0) continue;
    source.close();
    streams.delete(address);
  }
}

/** @param {MessagePort} port @param {string} address */
function join(port, address) {
  const known = streams.get(address);
  if (known !== undefined) return void known.ports.add(port);
  if (streams.size >= MOST) return port.postMessage({ name: "full" });
  const source = new EventSource(address);
  const ports = new Set([port]);
  const tell = (/** @type {string} */ name, /** @type {string} */ data = "") => {
    for (const port of ports) port.postMessage({ name, data });
  };
  for (const name of EVENTS) source.addEventListener(name, ({ data }) => tell(name, data));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return tell("error");
    streams.delete(address);
    tell("refused");
  });
  streams.set(address, { source, ports });
}

addEventListener("connect", (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  port.addEventListener("message", ({ data }) => {
    if (data.leaves) return leave(port);
    heard.set(port, performance.now());
    if (data.address !== undefined) join(port, data.address);
  });
  port.start();
});

setInterval(() => {
  const now = performance.now();
  for (const [port, at] of heard) if (now - at > SILENT) leave(port);
}, SILENT);
