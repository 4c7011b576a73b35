/** The listening socket, which is opened again when it is lost. */
import { setTimeout } from "node:timers/promises";

/** The server can't listen there. The message is one line that says what to do. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

export type Answer = (
  request: Request,
  info: Pick<Deno.ServeHandlerInfo, "completed">,
) => Response | Promise<Response>;

export interface Listening {
  readonly addr: Deno.NetAddr;
  /** Accepts no more connections; resolves when the open ones have ended. */
  shutdown(): Promise<void>;
}

/** Milliseconds until a lost socket is opened again. */
const PAUSE = 500;

/**
 * Answers requests until it is shut down. When Deno can't accept a connection (too many open
 * files), it gives up the socket, and in the end the process. This opens the socket again. Throws
 * CannotListen if the first attempt fails.
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
        // It was shut down meanwhile: nothing else ends the pause early.
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
      ? "the port is in use. Choose another one: --port"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied. Ports below 1024 belong to the system, choose another one: --port"
      : `${error instanceof Error ? error.message : error}. Choose another address: --host`;
    throw new CannotListen(`Cannot listen on ${hostname}:${port}: ${reason}`, { cause: error });
  }
}
