/**
 * Connects to a server: over TCP or a Unix socket, encrypted if the configuration wants it. Or
 * only asks whether there is one.
 */
import net from "node:net";
import tls from "node:tls";
import type { DatabaseConfig } from "../config/database_config.ts";

/** Where a server listens. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

function addressOf({ host, port }: DatabaseConfig): Address {
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}

/**
 * The address that a connected socket leads to. Not a name: in the meantime that may have become
 * another server's, which took over from the one that is gone.
 */
export function peerOf(config: DatabaseConfig, socket: net.Socket): Address {
  const { remoteAddress: host, remotePort: port } = socket;
  return host === undefined || port === undefined ? addressOf(config) : { host, port };
}

/**
 * Resolves with a socket that Postgres's protocol can be spoken over. `onSocket` gets what is to
 * be destroyed to cut the connection, as soon as there is something.
 */
export async function connectSocket(
  config: DatabaseConfig,
  onSocket: (socket: net.Socket) => void,
): Promise<net.Socket> {
  const socket = new net.Socket();
  onSocket(socket);
  const connected = settle(socket, "connect");
  socket.connect(addressOf(config));
  await connected;
  // Each small COPY costs 88 ms over TCP without it (Nagle's algorithm, delayed ACK).
  socket.setNoDelay(true);

  if (config.ssl === false || config.host.startsWith("/")) return socket;
  if (!await serverSpeaksTls(socket)) {
    if (config.ssl === "prefer") return socket.resume();
    throw Object.assign(new Error("no TLS"), { code: "ERR_NO_TLS" });
  }
  const encrypted = tls.connect({ socket, ...tlsOptions(config) });
  onSocket(encrypted);
  await settle(encrypted, "secureConnect");
  return encrypted;
}

/**
 * What the network says when nobody can be reached. (EAGAIN: so many wait at a Unix socket for a
 * server that accepts nobody that there is no room for one more.)
 */
const UNREACHABLE: ReadonlySet<string> = new Set(
  ["ETIMEDOUT", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EAGAIN"],
);

/**
 * Whether somebody is there. False if nothing comes back within `timeout` milliseconds, or the
 * network says that nobody can be reached. Everything else is a sign of life, also a refusal, and
 * so is what says nothing about the server (no more file descriptors here).
 *
 * It asks what begins TLS, as the server answers that before it knows who asks: no password is
 * needed and no connection is used up, and PgBouncer answers also while no connection of its pool
 * is free, which `select 1` would have to wait for.
 */
export async function answers(
  address: Address,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  // `settle` waits for what goes wrong, and nothing that does so later matters.
  let socket = new net.Socket().on("error", () => {});
  const giveUp = () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
  const timer = setTimeout(giveUp, timeout);
  signal.addEventListener("abort", giveUp);
  try {
    const connected = settle(socket, "connect");
    socket.connect(address);
    await connected;
    if (await serverSpeaksTls(socket)) {
      // Servers log an encryption that is begun and not finished, or ended by a reset.
      const encrypted = socket = tls.connect({ socket, rejectUnauthorized: false });
      encrypted.on("error", () => {});
      await settle(encrypted, "secureConnect");
      const closed = new Promise((resolve) => encrypted.once("close", resolve));
      encrypted.resume().end();
      await closed;
    }
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return !UNREACHABLE.has(code);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}

/** Postgres's way to begin TLS: a request of eight bytes, answered by the letter S or N. */
async function serverSpeaksTls(socket: net.Socket): Promise<boolean> {
  const answered = settle(socket, "data");
  socket.write(new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]));
  const answer = await answered;
  // More than the letter was not sent by the server, but by somebody in between.
  if (answer instanceof Uint8Array && answer.length === 1) return answer[0] === LETTER_S;
  throw closedEarly();
}

const LETTER_S = 83;

/** What the event brings, or throws what kept it from coming. Leaves no listener behind. */
function settle(
  socket: net.Socket,
  event: "connect" | "secureConnect" | "data",
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (value?: unknown) => {
      remove();
      // Deno 2.6 would go on reading, and take from the TLS handshake what it needs.
      if (event === "data") socket.pause();
      resolve(value);
    };
    const failed = (error?: unknown) => {
      remove();
      reject(error instanceof Error ? error : closedEarly());
    };
    const remove = () => {
      socket.off(event, done).off("error", failed).off("close", failed);
    };
    socket.on(event, done).on("error", failed).on("close", failed);
  });
}

function closedEarly(): Error {
  return Object.assign(new Error("the server hung up"), { code: "ECONNRESET" });
}

function tlsOptions(config: DatabaseConfig): tls.ConnectionOptions {
  const verify = config.ssl === "verify-full";
  return {
    rejectUnauthorized: verify,
    // Whom the certificate has to be for. Without it an address would count as `localhost`.
    host: config.host,
    servername: net.isIP(config.host) ? undefined : config.host,
    ca: verify && config.sslRootCertificate !== null
      ? Deno.readTextFileSync(config.sslRootCertificate)
      : undefined,
  };
}
