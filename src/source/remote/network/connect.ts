/**
 * Connections to machines whose names come from definitions and requests. A name is looked up once, the
 * address is checked, and the connection goes to that very address: whoever changes the name's answer
 * afterwards changes nothing.
 */
import { SourceError } from "../../error.ts";
import type { RemoteAccess } from "../remote.ts";
import { allowsHost } from "./allowed_hosts.ts";
import { isMachineService } from "./private_addresses.ts";
import { reachOf } from "./reach.ts";
import { Unavailable } from "./unavailable.ts";

/** How many addresses of a name are tried. */
const TRIED = 3;

/** Throws SourceError if the host may not be reached, and Unavailable if it doesn't answer. */
export async function connectTo(
  host: string,
  port: number,
  access: RemoteAccess,
): Promise<Deno.Conn> {
  const reach = reachOf(access);
  const addresses = await allowedAddresses(host, port, access);
  let failure: unknown = null;
  for (const address of addresses.slice(0, TRIED)) {
    try {
      const connection = reach.connect(address, port);
      return await inTime(connection, reach.connecting, access.signal, (late) => late.close());
    } catch (error) {
      access.signal.throwIfAborted();
      failure = error;
    }
  }
  throw new Unavailable(`${host} ${reasonOf(failure, reach.connecting)}`, { cause: failure });
}

async function allowedAddresses(
  host: string,
  port: number,
  access: RemoteAccess,
): Promise<readonly string[]> {
  const reach = reachOf(access);
  let addresses: readonly string[];
  try {
    addresses = await inTime(reach.lookUp(host), reach.connecting, access.signal);
  } catch (error) {
    access.signal.throwIfAborted();
    const isSlow = error instanceof TooLate;
    throw new Unavailable(`the name ${host} ${isSlow ? "isn't answered" : "is unknown"}`, {
      cause: error,
    });
  }
  if (allowsHost(access.allowedHosts, host, port)) return addresses;
  const open = addresses.filter((address) => reach.isPublic(address));
  if (open.length > 0) return open;
  if (addresses.some(isMachineService)) {
    throw new SourceError(
      `Cannot fetch from ${host}: clouds tell machines their credentials there. Name the server that ` +
        "has the file.",
    );
  }
  throw new SourceError(
    `Cannot fetch from ${host}: it is in a private network or this machine itself, which ingest ` +
      "doesn't reach unless the host is allowed. Whoever runs ingest can allow it: set " +
      `INGEST_ALLOW_HOSTS=${host}.`,
  );
}

function reasonOf(error: unknown, patience: number): string {
  if (error instanceof TooLate || error instanceof Deno.errors.TimedOut) {
    return `doesn't answer within ${Math.ceil(patience / 1000)} seconds`;
  }
  if (error instanceof Deno.errors.ConnectionRefused) return "refuses the connection";
  return "can't be reached";
}

export class TooLate extends Error {
  override readonly name = "TooLate";
}

/** Throws TooLate, and the signal's reason. `late`: what to do with a result that nobody waits for. */
export async function inTime<T>(
  asked: Promise<T>,
  patience: number,
  signal: AbortSignal,
  late?: (result: T) => void,
): Promise<T> {
  const stop = Promise.withResolvers<never>();
  let isOver = false;
  const onAbort = () => stop.reject(signal.reason);
  const timer = setTimeout(() => stop.reject(new TooLate("no answer in time")), patience);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  asked.then((result) => isOver && late?.(result), () => {});
  try {
    return await Promise.race([asked, stop.promise]);
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
