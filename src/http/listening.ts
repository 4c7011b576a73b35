/** The listening socket, which comes back. */
import { setTimeout } from "node:timers/promises";

/** Nobody can listen there; the message is one line that says what to do. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

export type Answer = (request: Request) => Response | Promise<Response>;

export interface Listening {
  readonly addr: Deno.NetAddr;
  /** Takes no more connections; resolves when those that are there have ended. */
  shutdown(): Promise<void>;
}

/** Milliseconds until a socket that was lost is opened again. */
const PAUSE = 500;

/**
 * Answers requests until it is shut down. Deno gives up the socket, and in the end the process,
 * when it can't accept a connection (as many files are open as may be); here it listens again.
 * Throws CannotListen if it can't begin.
 */
export function keepListening(
  hostname: string,
  port: number,
  answer: Answer,
  onTrouble: (error: unknown) => void,
): Listening {
  let server = listen(hostname, port, answer);
  const { addr } = server;
  const closing = new AbortController();
  const { signal } = closing;

  const listenAgain = async () => {
    for (;;) {
      await setTimeout(PAUSE, undefined, { signal });
      try {
        return listen(addr.hostname, addr.port, answer);
      } catch (error) {
        onTrouble(error);
      }
    }
  };
  const staying = (async () => {
    for (;;) {
      try {
        // Resolves when it was shut down.
        return await server.finished;
      } catch (error) {
        if (signal.aborted) return;
        onTrouble(error);
      }
      try {
        server = await listenAgain();
      } catch {
        // Shut down meanwhile: only then does the pause end early.
        return;
      }
    }
  })();
  return {
    addr,
    shutdown: async () => {
      closing.abort();
      await Promise.all([server.shutdown(), staying]);
    },
  };
}

function listen(hostname: string, port: number, answer: Answer): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, answer);
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "the port is in use. Name another one: --port"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied. Ports below 1024 are the system's: --port"
      : `${error instanceof Error ? error.message : error}. Name another address: --host`;
    throw new CannotListen(`Cannot listen on ${hostname}:${port}: ${reason}`, { cause: error });
  }
}
