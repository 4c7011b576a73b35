/** Shared by tests of corrections: players, of whom most fail, each for another reason. */
import { sendJson } from "./customer_runs.ts";
import { type Answer, type Serving, serving, type ServingOptions } from "./serving.ts";

const TABLES = `create table teams (name text primary key);
  insert into teams values ('red'), ('blue');
  create table players (id int primary key, email text not null, team text references teams,
    age int check (age > 0))`;

export const PLAYERS = `table: players
key: [id]
on_duplicate: fail
columns:
  id: { from: Nr, type: integer }
  email: { from: E-Mail, type: email }
  team: { from: Team }
  age: { from: Age }
`;

/** Row 1 is good. */
export const FILE = `Nr,E-Mail,Team,Age
1,a@x.de,red,3
2,b@,red,4
3,c@x.de,green,5
4,d@x.de,blue,-1
5,e@x.de
1,f@x.de,red,3
7,g@x.de,red,6,extra
`;

export function correcting(options: ServingOptions = {}): Promise<Serving> {
  return serving({
    tables: TABLES,
    ...options,
    importers: {
      players: PLAYERS,
      unlogged: `${PLAYERS}options: { log_rows: none }\n`,
      unquoted: `${PLAYERS}source: { quote: none }\n`,
      ...options.importers,
    },
  });
}

/** The id of a run that has ended. */
export async function loaded(
  api: Serving,
  csv = FILE,
  importer = "players",
  query = "",
): Promise<number> {
  const { status, body } = await api.ask(`/upload/${importer}${query}`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: csv,
  });
  if (status !== 202) throw new Error(`the upload failed: ${JSON.stringify(body)}`);
  await api.drive(body.data.id);
  return body.data.id;
}

export interface Cell {
  readonly row_number: number;
  readonly column?: string;
  readonly value?: string;
  readonly expected?: string;
  readonly drop_surplus?: true;
}

export function cell(row_number: number, column: string, value: string, expected?: string): Cell {
  return { row_number, column, value, ...expected !== undefined && { expected } };
}

export function correct(
  api: Serving,
  id: number,
  corrections: readonly Cell[],
  rest: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return api.ask(`/${id}/corrections`, sendJson({ corrections, ...rest }));
}

export function replace(api: Serving, id: number, body: unknown): Promise<Answer> {
  return api.ask(`/${id}/corrections/replace`, sendJson(body));
}

/** `{2: {"E-Mail": "b@x.de"}}`: what waits for a retry, by row. */
export async function pending(api: Serving, id: number) {
  const { body } = await api.ask(`/${id}/corrections`);
  // deno-lint-ignore no-explicit-any -- an answer's body
  return Object.fromEntries(body.data.map((row: any) => [row.row_number, row.values]));
}
