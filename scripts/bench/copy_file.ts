/** Loads a file with Postgres's own COPY, but without psql. The result is by definition correct. */
import type { Session } from "../../src/db/session.ts";
import type { DataFile } from "./data/files.ts";

const CHUNK = 1 << 16;

export async function copyFile(session: Session, table: string, file: DataFile): Promise<void> {
  await session.copyIn(
    `copy ${table} (${file.columns.join(", ")}) from stdin ${optionsOf(file)}`,
    chunksOf(file.path),
  );
}

/** For COPY and `\\copy`. */
export function optionsOf({ delimiter }: DataFile): string {
  return `with (format csv, header, delimiter '${delimiter}')`;
}

function* chunksOf(path: string): Generator<Uint8Array> {
  using file = Deno.openSync(path);
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const read = file.readSync(chunk);
    if (read === null) return;
    yield chunk.subarray(0, read);
  }
}
