/**
 * The parameters of libpq, as URLs and PG* variables have them. Each is honoured, or makes no
 * difference here, or is refused by its name: a connection is never weaker than the user asked for.
 */
import { UsageError } from "./usage_error.ts";

/** Honoured: read in database_url.ts and resolve_database.ts. */
export const HONOURED: readonly string[] = [
  ...[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "sslrootcert",
    "options",
  ],
  ...["target_session_attrs", "connect_timeout"],
];

interface Known {
  /** The variable, if there is one. */
  readonly variable?: string;
  /** The values that ask for nothing; null: all of them. */
  readonly harmless: readonly string[] | null;
}

/** What ingest doesn't do. */
const OTHERS: ReadonlyMap<string, Known> = new Map<string, Known>([
  ["application_name", { variable: "PGAPPNAME", harmless: null }],
  ["fallback_application_name", { harmless: null }],
  ["client_encoding", { variable: "PGCLIENTENCODING", harmless: null }],
  ["gsslib", { variable: "PGGSSLIB", harmless: null }],
  ["krbsrvname", { variable: "PGKRBSRVNAME", harmless: null }],
  ["keepalives", { harmless: null }],
  ["keepalives_count", { harmless: null }],
  ["keepalives_idle", { harmless: null }],
  ["keepalives_interval", { harmless: null }],
  ["pgbouncer", { harmless: null }],
  ["sslsni", { variable: "PGSSLSNI", harmless: null }],
  ["sslcompression", { variable: "PGSSLCOMPRESSION", harmless: null }],
  ["tcp_user_timeout", { harmless: null }],
  ["channel_binding", { variable: "PGCHANNELBINDING", harmless: ["disable", "prefer"] }],
  ["gssencmode", { variable: "PGGSSENCMODE", harmless: ["disable", "prefer"] }],
  ["gssdelegation", { variable: "PGGSSDELEGATION", harmless: ["0"] }],
  ["load_balance_hosts", { variable: "PGLOADBALANCEHOSTS", harmless: ["disable"] }],
  ["replication", { harmless: ["false", "off", "no", "0"] }],
  ["require_auth", { variable: "PGREQUIREAUTH", harmless: [] }],
  ["requirepeer", { variable: "PGREQUIREPEER", harmless: [] }],
  ["service", { variable: "PGSERVICE", harmless: [] }],
  ["sslcert", { variable: "PGSSLCERT", harmless: [] }],
  ["sslcertmode", { variable: "PGSSLCERTMODE", harmless: ["disable", "allow"] }],
  ["sslcrl", { variable: "PGSSLCRL", harmless: [] }],
  ["sslcrldir", { variable: "PGSSLCRLDIR", harmless: [] }],
  ["sslkey", { variable: "PGSSLKEY", harmless: [] }],
  // Nothing older than TLS 1.2 is spoken anyway.
  ["ssl_min_protocol_version", {
    variable: "PGSSLMINPROTOCOLVERSION",
    harmless: ["TLSv1", "TLSv1.1", "TLSv1.2"],
  }],
  ["ssl_max_protocol_version", { variable: "PGSSLMAXPROTOCOLVERSION", harmless: ["TLSv1.3"] }],
  ["sslnegotiation", { variable: "PGSSLNEGOTIATION", harmless: ["postgres"] }],
]);

/** Throws UsageError unless the URL's parameter can be left out. `where`: what messages call it. */
export function assertHarmless(name: string, value: string, where: string): void {
  const known = OTHERS.get(name);
  if (known === undefined) {
    // If it doesn't look like a name, it may be the rest of a mistyped password: don't show it.
    const what = /^[a-z_]+$/.test(name)
      ? `the parameter ${name}`
      : "a parameter after the question mark";
    throw new UsageError(`${where}: ${what} is not supported. Use only ${HONOURED.join(", ")}`);
  }
  if (!isHarmless(known, value)) throw new UsageError(refusal(`${where}: ${name}`, known, value));
}

/** Throws UsageError for a variable that asks for what ingest doesn't do. */
export function assertNoneLost(env: (name: string) => string | undefined): void {
  for (const known of OTHERS.values()) {
    const { variable } = known;
    const value = variable === undefined ? undefined : env(variable);
    if (variable === undefined || value === undefined || isHarmless(known, value)) continue;
    throw new UsageError(refusal(variable, known, value));
  }
}

function isHarmless({ harmless }: Known, value: string): boolean {
  return value === "" || harmless === null || harmless.includes(value);
}

function refusal(where: string, { harmless }: Known, value: string): string {
  return harmless === null || harmless.length === 0
    ? `${where} is not supported. Leave it out`
    : `${where}=${value} is not supported. Leave it out, or use ${harmless.join(" or ")}`;
}
