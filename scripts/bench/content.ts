/** Reads the content of a table, and finds out what it should be. */
import type { Session } from "../../src/db/session.ts";
import type { Bench, Change, Content, ContentReader, State } from "./bench.ts";
import { copyFile } from "./copy_file.ts";
import type { DataFile } from "./data/files.ts";
import { IN_SQL, SPECIAL_ROWS } from "./data/kinds.ts";
import { EMPTY } from "./states.ts";

export const NOTHING: Content = { rows: 0, checksum: 0n };

export function together(one: Content, other: Content): Content {
  return { rows: one.rows + other.rows, checksum: one.checksum + other.checksum };
}

export function isSame(one: Content, other: Content): boolean {
  return one.rows === other.rows && one.checksum === other.checksum;
}

export function describeContent({ rows, checksum }: Content): string {
  return `${rows} rows (checksum ${checksum})`;
}

/** `where`: only of these rows. */
export async function readContent(
  session: Session,
  table: string,
  where = "true",
): Promise<Content> {
  const [found] = await session.query<{ rows: number; checksum: string }>(
    `select count(*) as rows, coalesce(sum(hash_record_extended(t, 0)), 0)::text as checksum
     from ${table} as t where ${where}`,
  );
  return { rows: found.rows, checksum: BigInt(found.checksum) };
}

/** Makes a table of the file's texts as they are. */
async function copyTexts(session: Session, file: DataFile): Promise<void> {
  const columns = file.columns.map((name) => `${name} text`);
  await session.execute(`create temp table texts (${columns.join(", ")})`);
  await copyFile(session, "texts", file);
}

async function readChanged(
  session: Session,
  { table, columns }: DataFile,
  change: Change,
): Promise<Content> {
  const types = new Map(
    (await session.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, atttypmod) as type
       from pg_attribute where attrelid = $1::regclass and attnum > 0`,
      [table],
    )).map(({ name, type }) => [name, type]),
  );
  const values = columns.map((name) =>
    `(${name === change.column ? change.sql : name})::${types.get(name)} as ${name}`
  );
  const trimmed = columns.map((name) => `btrim(${name}) as ${name}`);
  return await readContent(
    session,
    `(select ${values.join(", ")} from (select ${trimmed.join(", ")} from texts) as trimmed)`,
  );
}

/** The content of files and states, as Postgres itself reads them. Each is read once. */
export class Contents implements ContentReader {
  readonly #known = new Map<string, Content>();

  async ofFile(bench: Bench, file: DataFile, except?: keyof typeof IN_SQL): Promise<Content> {
    const name = (special: string | undefined) => `${file.path} ${special}`;
    if (!this.#known.has(name(except))) {
      const { table } = file;
      const { session } = await bench.states.restore(EMPTY, bench);
      await copyFile(session, table, file);
      this.#known.set(name(undefined), await readContent(session, table));
      for (const special of SPECIAL_ROWS[table] ?? []) {
        const others = `not (${IN_SQL[special]})`;
        this.#known.set(name(special), await readContent(session, table, others));
      }
    }
    return this.#known.get(name(except))!;
  }

  async ofChanged(
    bench: Bench,
    file: DataFile,
    change: Change,
    planned: readonly Change[],
  ): Promise<Content> {
    const name = ({ column, sql }: Change) => `${file.path} with ${column} = ${sql}`;
    if (!this.#known.has(name(change))) {
      const { session } = await bench.states.restore(EMPTY, bench);
      await copyTexts(session, file);
      for (const each of planned) {
        this.#known.set(name(each), await readChanged(session, file, each));
      }
    }
    return this.#known.get(name(change))!;
  }

  async ofState(bench: Bench, state: State): Promise<Content> {
    const name = `state ${state.name}`;
    if (!this.#known.has(name)) {
      const { session } = await bench.states.restore(state, bench);
      this.#known.set(name, await readContent(session, "customers"));
    }
    return this.#known.get(name)!;
  }
}
