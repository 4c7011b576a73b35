/**
 * A pooler in front of a server that lends its connections for a transaction each, as PgBouncer
 * does in transaction mode: each transaction of a client gets another one. It refuses start-up
 * parameters that it can't track, and announces process ids of its own.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import type { DatabaseConfig } from "../../src/db/session.ts";

export interface TransactionPooler extends AsyncDisposable {
  /** The server, seen through the pooler. */
  readonly config: DatabaseConfig;
}

/** Those that PgBouncer tracks, or ignores. */
const TRACKED = new Set(["user", "database", "client_encoding", "application_name"]);

export async function transactionPooler(config: DatabaseConfig): Promise<TransactionPooler> {
  const sockets = new Set<net.Socket>();
  /** Connections to the server that no transaction uses. The one used last is used last again. */
  const free: net.Socket[] = [];
  const waiting: ((upstream: net.Socket) => void)[] = [];
  const keep = (socket: net.Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on("error", () => {}).once("close", () => sockets.delete(socket));
    return socket;
  };
  const give = (upstream: net.Socket) => {
    const next = waiting.shift();
    if (next) next(upstream);
    else free.push(upstream);
  };
  const take = () => {
    const upstream = free.shift();
    return upstream ? Promise.resolve(upstream) : new Promise<net.Socket>((r) => waiting.push(r));
  };

  const serve = (client: net.Socket) => {
    let upstream: net.Socket | null = null;
    let ready = false;
    /** What the client has said while it waits for a connection. */
    let unsent: Buffer[] = [];
    let last: Buffer = Buffer.alloc(0);
    const answer = (chunk: Buffer) => {
      client.write(ready ? chunk : withOtherPid(chunk));
      last = Buffer.concat([last, chunk]).subarray(-6);
      if (last.toString("latin1", 0, 5) !== "Z\0\0\0\x05") return;
      ready = true;
      if (last[5] !== IDLE) return;
      const used = upstream!;
      upstream = null;
      used.off("data", answer);
      give(used);
    };
    const use = (lent: net.Socket) => {
      upstream = lent;
      lent.on("data", answer);
      for (const chunk of unsent) lent.write(chunk);
      unsent = [];
    };
    client.on("data", (chunk: Buffer) => {
      if (upstream !== null) return upstream.write(chunk);
      unsent.push(chunk);
      if (unsent.length > 1) return;
      if (ready) return take().then(use);
      const refused = startupNames(chunk).find((name) => !TRACKED.has(name));
      if (refused !== undefined) return client.end(refusal(refused));
      use(keep(net.connect(
        config.host.startsWith("/")
          ? { path: `${config.host}/.s.PGSQL.${config.port}` }
          : { host: config.host, port: config.port },
      )));
    });
    client.once("close", () => upstream?.destroy());
  };

  const server = net.createServer((client) => serve(keep(client)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    config: { ...config, host: "127.0.0.1", port: address.port },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

const IDLE = 73;

/** The names in a start-up message: length, version, then name and value in turn. */
function startupNames(message: Buffer): string[] {
  const texts = message.toString("utf8", 8).split("\0");
  return texts.filter((text, index) => index % 2 === 0 && text !== "");
}

function refusal(name: string): Buffer {
  const text = `SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: ${name}\0\0`;
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + text.length, 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Replaces the process id in the key for cancelling: K, a length of 12, the id, a secret. */
function withOtherPid(chunk: Buffer): Buffer {
  const at = chunk.indexOf(Buffer.from([75, 0, 0, 0, 12]));
  if (at === -1) return chunk;
  const changed = Buffer.from(chunk);
  changed.writeInt32BE(1, at + 5);
  return changed;
}
