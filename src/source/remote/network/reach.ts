/** How machines are reached, and how long we wait for them. */
import { lookup } from "node:dns/promises";
import process from "node:process";
import { isPublicAddress } from "./private_addresses.ts";

// Deno's look-up of a name uses a module of which Deno then warns, on the terminal of whoever loads a file.
Object.defineProperty(process, "noDeprecation", { value: true, configurable: true });

/** Tests replace parts of it. */
export interface Reach {
  /** All addresses of a name, as the system knows them. */
  lookUp(host: string): Promise<readonly string[]>;
  connect(address: string, port: number): Promise<Deno.Conn>;
  isPublic(address: string): boolean;
  /** Milliseconds to look up a name and to connect. */
  readonly connecting: number;
  /** Milliseconds until an answer begins. */
  readonly answering: number;
  /** Milliseconds in which at least `LEAST_BYTES` have to come. */
  readonly progress: number;
  /** Milliseconds before the second attempt; each later one waits twice as long. */
  readonly pause: number;
}

/** Slower than 1 kB a second is taken for a server that holds us up. */
export const LEAST_BYTES = 60_000;

const USUAL: Reach = {
  lookUp: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  connect: (hostname, port) => Deno.connect({ hostname, port }),
  isPublic: isPublicAddress,
  connecting: 20_000,
  answering: 120_000,
  progress: 60_000,
  pause: 1_000,
};

export function reachOf({ reach }: { readonly reach?: Partial<Reach> }): Reach {
  return { ...USUAL, ...reach };
}
