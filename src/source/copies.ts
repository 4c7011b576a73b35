/** Copies of a file that can't be read as it is, each made from the one before. */
import { resolve } from "node:path";
import { convert, type Converted } from "./encoding/convert.ts";
import type { Identity } from "./file/identity.ts";

export class Copies {
  readonly #folder: string;
  readonly #made: Converted[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  get areNone(): boolean {
    return this.#made.length === 0;
  }

  /** Of the original's bytes; null if there are no copies. */
  get identity(): Identity | null {
    return this.#made[0]?.original ?? null;
  }

  /** Returns the path of what `conversion` makes of a file. */
  async convert(
    from: string,
    conversion: TransformStream<Uint8Array, Uint8Array>,
  ): Promise<string> {
    return this.add(await convert(from, conversion, this.#folder));
  }

  /** Takes over a copy that was made in another way. Returns its path. */
  add(copy: Converted): string {
    this.#made.push(copy);
    return resolve(copy.path);
  }

  /** Of two copies, the first was only the second's original. */
  async removeOthers(): Promise<void> {
    for (const { path } of this.#made.splice(0, this.#made.length - 1)) await Deno.remove(path);
  }

  async removeAll(): Promise<void> {
    for (const { path } of this.#made) await Deno.remove(path);
  }
}
