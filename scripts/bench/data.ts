/**
 * The data that is loaded: the same bytes for the same number of rows, on every machine. Files
 * are kept in the system's temporary folder, because a million rows take seconds to write.
 */
import { join } from "node:path";

/** Says which generator wrote a cached file: raise it when the data changes. */
const GENERATION = 2;

export interface DataFile {
  readonly path: string;
  readonly rows: number;
  /** Rows with one wrong value each; `isInvalid` says which. */
  readonly invalid: number;
}

/** One in twenty, spread over the file. */
export function isInvalid(id: number): boolean {
  return id % 20 === 7;
}

/** The same in SQL. */
export const INVALID_IN_SQL = "id % 20 = 7";

export const HEADER = "id,email,full_name,company,country,age,signup_date,balance,active,score";

/** `withInvalid`: one in twenty rows has a value that a check refuses. */
export async function prepareData(
  folder: string,
  rows: number,
  withInvalid: boolean,
): Promise<DataFile> {
  const kind = withInvalid ? "invalid" : "valid";
  const path = join(folder, `${kind}-${rows}-v${GENERATION}.csv`);
  const invalid = withInvalid ? Math.floor((rows + 13) / 20) : 0;
  if (!await exists(path)) {
    const unfinished = await Deno.makeTempFile({ dir: folder, suffix: ".unfinished" });
    try {
      await write(unfinished, rows, withInvalid);
      await Deno.rename(unfinished, path);
    } catch (error) {
      await Deno.remove(unfinished);
      throw error;
    }
  }
  return { path, rows, invalid };
}

const ROWS_A_WRITE = 5000;

async function write(path: string, rows: number, withInvalid: boolean): Promise<void> {
  const file = await Deno.open(path, { write: true, truncate: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  const random = randomNumbers(20_260_101);
  let lines = [HEADER];
  for (let id = 1; id <= rows; id++) {
    lines.push(line(id, random, withInvalid && isInvalid(id)));
    if (lines.length >= ROWS_A_WRITE || id === rows) {
      await writer.write(encoder.encode(`${lines.join("\n")}\n`));
      lines = [];
    }
  }
  // Closes the file as well.
  await writer.close();
}

const FIRST = ["Ada", "Grace", "Linus", "Zoë", "Jürgen", "Mária", "Søren", "Chloé", "Ivan", "Mei"];
const LAST = ["Lovelace", "Hopper", "Kowalski", "Müller", "O'Neill", "Sørensen", "García", "Li"];
const COMPANY = ["Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Tyrell"];
const KIND = ["GmbH", '"Ltd., London"', "Inc", "S.A.", "B.V.", "& Sons"];
const COUNTRY = ["DE", "FR", "US", "GB", "PL", "JP", "BR", "IN"];

function line(id: number, random: () => number, invalid: boolean): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)];
  const [first, last] = [pick(FIRST), pick(LAST)];
  let email = `user.${id}.${Math.floor(random() * 1e6)}@example-${id % 97}.com`;
  const kind = pick(KIND);
  // One company in six is quoted, as exports quote what has a comma in it.
  const company = kind.startsWith('"')
    ? `"${pick(COMPANY)} ${kind.slice(1)}`
    : `${pick(COMPANY)} ${kind}`;
  let age = String(18 + Math.floor(random() * 72));
  let date = `${2000 + Math.floor(random() * 26)}-${two(1 + random() * 12)}-${
    two(1 + random() * 28)
  }`;
  const balance = (random() * 20_000 - 2000).toFixed(2);
  let active = random() < 0.8 ? "yes" : "no";
  const score = random() < 0.1 ? "" : random().toFixed(6);
  const country = pick(COUNTRY);
  if (invalid) {
    // By turns, so that the errors fall into several groups.
    switch (Math.floor(id / 20) % 4) {
      case 0:
        email = `user.${id}`;
        break;
      case 1:
        age = "999";
        break;
      case 2:
        date = "2023-02-30";
        break;
      default:
        active = "perhaps";
    }
  }
  return `${id},${email},${first} ${last},${company},${country},${age},${date},${balance},${active},${score}`;
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, "0");
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
