/**
 * A TCP proxy in front of a server. It can fall silent like a cut network or a frozen process:
 * nothing gets through any more, and neither side is told.
 */
import net from "node:net";
import type { DatabaseConfig } from "../../src/db/session.ts";

export interface SilentProxy extends AsyncDisposable {
  /** The server, seen through the proxy. */
  readonly config: DatabaseConfig;
  /** From now on, nothing gets through on any connection, old or new. */
  fallSilent(): void;
  /** From now on, nothing gets through on the oldest connection. Others work. */
  hold(): void;
  /** Lets through what was held. */
  release(): void;
  /** Resolves when this many more connections have been made. */
  connections(count: number): Promise<void>;
}

export async function silentProxy(config: DatabaseConfig): Promise<SilentProxy> {
  const sockets = new Set<net.Socket>();
  let silent = false;
  let accepted = 0;
  let onAccepted = () => {};

  const keep = (socket: net.Socket) => {
    sockets.add(socket);
    // An error is followed by `close`.
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };
  const server = net.createServer((client) => {
    keep(client);
    accepted++;
    onAccepted();
    if (silent) return;
    const upstream = net.connect(
      config.host.startsWith("/")
        ? { path: `${config.host}/.s.PGSQL.${config.port}` }
        : { host: config.host, port: config.port },
    );
    keep(upstream);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      from.on("data", (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => {
        if (!silent) from.resume();
      });
      from.once("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  return {
    config: { ...config, host: "127.0.0.1", port: address.port },
    fallSilent: () => {
      silent = true;
      sockets.forEach((socket) => socket.pause());
    },
    // Both sides of the oldest connection.
    hold: () => [...sockets].slice(0, 2).forEach((socket) => socket.pause()),
    release: () => sockets.forEach((socket) => socket.resume()),
    connections: (count) => {
      const enough = accepted + count;
      return new Promise((resolve) => {
        onAccepted = () => {
          if (accepted >= enough) resolve();
        };
      });
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
