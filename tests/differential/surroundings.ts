/** Databases and roles with settings that differ from those that everybody tests with. */

export interface Surroundings {
  readonly name: string;
  /** What follows `create database …`. */
  readonly database: string;
  /** Each follows `alter role … set`. */
  readonly settings: readonly string[];
  /** What the role may do with the tables. */
  readonly privileges: string;
  /** May the role create temporary tables? */
  readonly temporary: boolean;
  /** May the role do what an upsert needs? */
  readonly mayUpsert: boolean;
  /** The file's values and the tables have to fit into the database's encoding. */
  readonly canHold: (text: string) => boolean;
}

const ALL = () => true;
const UTF8 = "template template0 encoding 'UTF8'";
const USUAL = {
  database: UTF8,
  settings: [],
  privileges: "select, insert, update",
  temporary: true,
  mayUpsert: true,
  canHold: ALL,
} as const;

export const SURROUNDINGS: readonly Surroundings[] = [
  { ...USUAL, name: "the usual" },
  {
    ...USUAL,
    name: "a German server",
    settings: [
      "datestyle = 'German'",
      "intervalstyle = 'sql_standard'",
      "timezone = 'Europe/Berlin'",
    ],
  },
  {
    ...USUAL,
    name: "an American server",
    settings: [
      "datestyle = 'SQL, MDY'",
      "timezone = 'America/St_Johns'",
      "extra_float_digits = -5",
    ],
  },
  {
    ...USUAL,
    name: "no search path",
    settings: [
      "search_path = ''",
      "bytea_output = 'escape'",
      "default_transaction_isolation = 'serializable'",
    ],
  },
  { ...USUAL, name: "no temporary tables", temporary: false },
  {
    ...USUAL,
    name: "only INSERT and no temporary tables",
    privileges: "insert",
    temporary: false,
    mayUpsert: false,
  },
  {
    ...USUAL,
    name: "a LATIN1 database",
    database: "template template0 encoding 'LATIN1' locale_provider libc locale 'C'",
    // deno-lint-ignore no-control-regex -- these are the encoding's characters
    canHold: (text) => /^[\x00-\xff]*$/.test(text),
  },
];
