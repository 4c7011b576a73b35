import { formatPath, type Path } from "./problem.ts";
import type { Text } from "./schema.ts";

/** Reads texts as written: `007` and `1.0` keep their zeros, although to YAML they are numbers. */
export class Texts {
  readonly #written: ReadonlyMap<string, string>;

  constructor(written: ReadonlyMap<string, string>) {
    this.#written = written;
  }

  one(path: Path, value: Text): string {
    return this.#written.get(formatPath(path)) ?? String(value);
  }

  optional(path: Path, value: Text | null | undefined): string | null {
    return value === undefined || value === null ? null : this.one(path, value);
  }

  list(path: Path, value: Text | readonly Text[] | undefined): readonly string[] | null {
    if (value === undefined) return null;
    if (typeof value !== "object") return [this.one(path, value)];
    return value.map((item, index) => this.one([...path, index], item));
  }

  map(
    path: Path,
    map: Readonly<Record<string, Text | null>>,
  ): Readonly<Record<string, string | null>> {
    return Object.fromEntries(
      Object.entries(map).map(([from, to]) => [from, this.optional([...path, from], to)]),
    );
  }
}
