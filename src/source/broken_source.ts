/** Sources of which only a part can be read: their whole records count, and then their run fails. */
import { SourceError } from "./error.ts";
import type { ResolvedSource } from "./resolved_source.ts";
import type { Broken } from "./unpack/unpack.ts";
import { wholeRecords } from "./whole_records.ts";

const AGAIN = "Get the file again from where it comes from, and load it anew.";

/** The source up to its last whole record. `name`: the file's. Throws SourceError if there is none. */
export async function brokenSource(
  source: ResolvedSource,
  broken: Broken,
  name: string,
): Promise<ResolvedSource> {
  const { size, data_end = size } = source;
  if (broken.isWhole) {
    const why = `${name} ${place(broken)}. All of its rows were read, but what they say may be ` +
      `wrong. ${AGAIN}`;
    return { ...source, broken: why };
  }
  const { rows, end } = await wholeRecords({ ...source, data_end });
  if (rows === 0) throw noRows(broken, name);
  const read = rows === 1 ? "its first row" : `its first ${rows.toLocaleString("en-US")} rows`;
  return {
    ...source,
    data_end: end,
    broken: `${name} ${place(broken)}. Only ${read} could be read. ${AGAIN}`,
  };
}

/** What is wrong with a file that can't be opened, if that is because it is broken. */
export function brokenEarly(error: unknown, broken: Broken | null, name: string): unknown {
  const isBroken = broken !== null && !broken.isWhole && error instanceof SourceError;
  return isBroken ? noRows(broken, name, error) : error;
}

function noRows(broken: Broken, name: string, cause?: Error): SourceError {
  return new SourceError(
    `Cannot import ${name}: it ${place(broken)}, before the end of its first row. ` +
      "Get it again from where it comes from.",
    { cause },
  );
}

function place({ what, at, of }: Broken): string {
  const [byte, all] = [at, of].map((count) => count.toLocaleString("en-US"));
  return at < of ? `${what} at byte ${byte} of ${all}` : `${what} after ${byte} bytes`;
}
