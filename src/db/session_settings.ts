/**
 * Settings of Postgres that change what statements mean. A role, a database, the server and
 * PGOPTIONS may set them to anything.
 *
 * - What ingest's own statements rely on, every session sets (`ownSettings`).
 * - What decides how Postgres reads the values of a file, and what names in triggers and defaults
 *   mean, belongs to the user (`UserSettings`). A run keeps these as they were in the session that
 *   created it. Its batches are loaded under them, whoever loads them: as `\copy` would.
 */
import { identifier, identifiers, literal } from "./quoting.ts";
import { type Repertoire, repertoireOf } from "./repertoire.ts";
import { SERVER_START } from "./sign_of_life.ts";

/** Settings by their names. */
type Settings = Readonly<Record<string, string>>;

const READ_AS_THEY_ARE = [
  "TimeZone",
  // The second word decides whether `01/02/2026` is in January or in February.
  "DateStyle",
  "IntervalStyle",
  // What `IST` means in a timestamp.
  "timezone_abbreviations",
  // How `money` is read.
  "lc_monetary",
  "xmloption",
] as const;

/**
 * The user's settings that decide what the values of a file, and names, mean. Plain JSON. The
 * search path has the schemas that exist and that the role may use, with `$user` replaced.
 */
export type UserSettings = Readonly<
  Record<(typeof READ_AS_THEY_ARE)[number] | "search_path", string>
>;

/** What the server says about a new session, and about itself. */
export interface Greeting {
  readonly pid: number;
  /** As `server_version_num`. */
  readonly version: number;
  /** As `server_encoding`. */
  readonly encoding: string;
  readonly serverStart: string;
  /** It is a standby. */
  readonly standby: boolean;
  /** It can tell whether a client is still there while it executes a statement. */
  readonly watchesClients: boolean;
  /** It accepts no writes. */
  readonly readonly: boolean;
  readonly settings: Omit<UserSettings, "search_path">;
  readonly schemas: readonly string[];
}

/** SQL for one row as `Greeting` describes it. */
export const GREETING = `select pg_backend_pid() as pid,
  current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding, ${SERVER_START} as "serverStart",
  pg_is_in_recovery() as standby,
  version() ~ '-linux-' and current_setting('server_version_num')::int >= 140000 as "watchesClients",
  current_setting('transaction_read_only')::bool as readonly,
  json_build_object(${
  READ_AS_THEY_ARE.map((name) => `'${name}', current_setting('${name}')`).join(", ")
}) as settings, current_schemas(false)::text[] as schemas`;

/** The settings of one session. */
export class SessionSettings {
  readonly pid: number;
  readonly version: number;
  readonly serverStart: string;
  /** Null if the database can hold any character. */
  readonly repertoire: Repertoire | null;
  /** As they were before the session set its own. */
  readonly user: UserSettings;
  /** To be set once, when the session begins. Empty behind a pooler. */
  readonly once: string;
  /**
   * To be set in each transaction. Behind a pooler, each may get another connection, and what is
   * set for longer would stay there for whoever gets it next.
   */
  readonly #each: Settings;
  /** Those of the user's that hold in a transaction which sets nothing more. */
  readonly #held: UserSettings;

  /** `announced`: the pid that came with the connection. A pooler announces a number of its own. */
  constructor(greeting: Greeting, announced: number | null) {
    this.pid = greeting.pid;
    this.version = greeting.version;
    this.serverStart = greeting.serverStart;
    this.repertoire = repertoireOf(greeting.encoding);
    const user = { ...greeting.settings, search_path: identifiers(greeting.schemas) };
    this.user = user;
    const own = ownSettings(user, greeting);
    const isDirect = announced === greeting.pid;
    this.once = isDirect ? set(own, false) : "";
    this.#each = isDirect ? {} : own;
    const [, order] = user.DateStyle.split(", ");
    this.#held = {
      ...user,
      IntervalStyle: own.IntervalStyle,
      DateStyle: `${own.DateStyle}, ${order}`,
      search_path: own.search_path ?? user.search_path,
    };
  }

  get isPooled(): boolean {
    return this.once === "";
  }

  /** The statements that begin a transaction. `settings`: the user's that shall hold in it. */
  begin(settings: UserSettings | null = null): string {
    const local = { ...this.#each, ...(settings && this.#differing(settings)) };
    // Whatever the server's default: a statement that follows a wait for a lock must see new data.
    return `begin isolation level read committed; ${set(local, true)}`;
  }

  /** Do these hold in any transaction? */
  hold(settings: UserSettings): boolean {
    return Object.keys(this.#differing(settings)).length === 0;
  }

  #differing(wanted: UserSettings): Settings {
    const held: Settings = this.#held;
    return Object.fromEntries(
      Object.entries(wanted).filter(([name, value]) => held[name] !== value),
    );
  }
}

/** From Postgres 17 on. */
const TRANSACTION_TIMEOUT = 170_000;

/** What ingest's own statements rely on. */
function ownSettings(user: UserSettings, { version, watchesClients }: Greeting) {
  return {
    // Only the first word: the user's order of day and month stays.
    DateStyle: "ISO",
    IntervalStyle: "postgres",
    bytea_output: "hex",
    extra_float_digits: "1",
    standard_conforming_strings: "on",
    quote_all_identifiers: "off",
    // It takes more than a second for queries that take 20 ms without it.
    jit: "off",
    default_transaction_isolation: "read committed",
    // A batch takes as long as it takes, and so do a file that is read and a download meanwhile.
    statement_timeout: "0",
    idle_session_timeout: "0",
    idle_in_transaction_session_timeout: "0",
    ...(version >= TRANSACTION_TIMEOUT && { transaction_timeout: "0" }),
    // What a process that was killed has begun would go on to its end, and hold its locks until then.
    ...(watchesClients && { client_connection_check_interval: "10s" }),
    ...pathWithCatalogFirst(user.search_path),
  };
}

const CATALOG = identifier("pg_catalog");

/**
 * Postgres looks into pg_catalog first unless the path names it in a later place. There, somebody
 * else's `=` would come first.
 */
function pathWithCatalogFirst(path: string): { readonly search_path?: string } {
  const schemas = path.split(", ");
  if (schemas.indexOf(CATALOG) <= 0) return {};
  return { search_path: schemas.filter((schema) => schema !== CATALOG).join(", ") };
}

/**
 * `isLocal`: until the end of the transaction. Not `set_config`: after a query, a transaction can't
 * choose its isolation level any more.
 */
function set(settings: Settings, isLocal: boolean): string {
  const how = isLocal ? "set local" : "set";
  return Object.entries(settings)
    // A path is a list of identifiers; as a literal it would be a single one.
    .map(([name, value]) => `${how} ${name} = ${isList(name, value) ? value : literal(value)};`)
    .join(" ");
}

function isList(name: string, value: string): boolean {
  return name === "search_path" && value !== "";
}
