/**
 * What the server says before it ends a connection. postgres.js passes it on only if a statement is
 * in progress, and often too late.
 */
import type { Buffer } from "node:buffer";

/** The connection was ended by the server. `code` is its SQLSTATE. */
export class Farewell extends Error {
  override readonly name = "Farewell";

  constructor(message: string, readonly code: string) {
    super(message);
  }
}

/** An error's fields: a letter and a text that ends with NUL each. V is its severity, C its SQLSTATE. */
const FAREWELL = /\0V(?:FATAL|PANIC)\0C(\w{5})\0M([^\0]*)\0/;

/** `last`: what came last before the end. Null if that doesn't say why. */
export function readFarewell(last: Buffer): Farewell | null {
  const match = FAREWELL.exec(last.toString("utf8", Math.max(0, last.length - LONGEST)));
  return match === null ? null : new Farewell(match[2], match[1]);
}

/** In bytes: longer than any such error. */
const LONGEST = 8192;
