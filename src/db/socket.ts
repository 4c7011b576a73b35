/** Connects to a server: over TCP or a Unix socket, encrypted if the configuration wants it. */
import net from "node:net";
import tls from "node:tls";
import type { DatabaseConfig } from "../config/database_config.ts";

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
  if (config.host.startsWith("/")) socket.connect(`${config.host}/.s.PGSQL.${config.port}`);
  else socket.connect(config.port, config.host);
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
