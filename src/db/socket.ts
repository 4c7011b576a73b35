/**
 * Connects to a server over TCP or a Unix socket, encrypted if the configuration says so. Also
 * checks whether a server is still there.
 */
import net from "node:net";
import tls from "node:tls";
import type { DatabaseConfig } from "../config/database_config.ts";

/** Where a server listens. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

function addressOf({ host, address = host, port }: DatabaseConfig): Address {
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host: address, port };
}

/**
 * The address that the socket is connected to. Not the host name: by now, it may belong to another
 * server that took over from the one that is gone.
 */
export function peerOf(config: DatabaseConfig, socket: net.Socket): Address {
  const { remoteAddress: host, remotePort: port } = socket;
  return host === undefined || port === undefined ? addressOf(config) : { host, port };
}

/**
 * Resolves with a socket that is ready for Postgres's protocol. `onSocket` gets, early on, the
 * socket to destroy if the connection has to be cut.
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
  // Without this, each small COPY over TCP costs 88 ms (Nagle's algorithm, delayed ACK).
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
 * The network's errors when a server can't be reached. (EAGAIN: the queue of a Unix socket is full,
 * because its server accepts no connections.)
 */
const UNREACHABLE: ReadonlySet<string> = new Set(
  ["ETIMEDOUT", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EAGAIN"],
);

/**
 * Whether a server answers at this address. False if nothing comes back within `timeout`
 * milliseconds, or the network says that the server can't be reached. Everything else counts as a
 * sign of life, even a refusal, and even an error that says nothing about the server (such as no
 * more file descriptors here).
 *
 * It sends the request that begins TLS, because the server answers that before authentication. So
 * it needs no password and uses up no connection. And PgBouncer answers it even while no connection
 * of its pool is free, whereas `select 1` would have to wait for one.
 */
export async function answers(
  address: Address,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  // `settle` reports errors while something waits. Later ones don't matter.
  let socket = new net.Socket().on("error", () => {});
  const giveUp = () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
  const timer = setTimeout(giveUp, timeout);
  signal.addEventListener("abort", giveUp);
  try {
    const connected = settle(socket, "connect");
    socket.connect(address);
    await connected;
    if (await serverSpeaksTls(socket)) {
      // Finish the handshake and close cleanly, or the server logs an error.
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

/**
 * How TLS begins in Postgres's protocol: a request of eight bytes, answered by the letter S or N.
 */
async function serverSpeaksTls(socket: net.Socket): Promise<boolean> {
  const answered = settle(socket, "data");
  socket.write(new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]));
  const answer = await answered;
  // Anything more than the letter doesn't come from the server, but from someone in between.
  if (answer instanceof Uint8Array && answer.length === 1) return answer[0] === LETTER_S;
  throw closedEarly();
}

const LETTER_S = 83;

/**
 * Resolves with the event's value, or rejects with what prevented it. Leaves no listener behind.
 */
function settle(
  socket: net.Socket,
  event: "connect" | "secureConnect" | "data",
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (value?: unknown) => {
      remove();
      // Deno 2.6 would keep reading, and steal bytes from the TLS handshake.
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
  const verify = config.ssl === "verify-ca" || config.ssl === "verify-full";
  return {
    rejectUnauthorized: verify,
    // Whatever the name in it: the certificate is trusted.
    ...(config.ssl === "verify-ca" && { checkServerIdentity: () => undefined }),
    // The name that the certificate must be for. Without it, an address would count as `localhost`.
    host: config.host,
    servername: net.isIP(config.host) ? undefined : config.host,
    ca: verify && config.sslRootCertificate !== null
      ? readCertificates(config.sslRootCertificate)
      : undefined,
  };
}

function readCertificates(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(
      new Error(`can't read the certificates in ${path} (sslrootcert): ${reason}`),
      {
        code: "ERR_ROOT_CERTIFICATE",
      },
    );
  }
}
