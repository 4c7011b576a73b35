/** The machine and the programs of a measurement. */
import { findPgloader } from "./programs/pgloader.ts";
import { findJq } from "./programs/jq.ts";
import { findPsql } from "./programs/psql.ts";
import { findXlsx2csv } from "./programs/xlsx2csv.ts";
import type { BenchServer } from "./server.ts";

export interface Machine {
  readonly cores: number;
  /** Null where the system doesn't tell. */
  readonly cpu: string | null;
  /** Such as `PostgreSQL 18.4`. */
  readonly server: string;
  /** Such as `shared_buffers 1GB, max_wal_size 4GB`. */
  readonly settings: string;
  /** The server is the benchmark's own, with default settings. */
  readonly embedded: boolean;
  /** The version. Null: it isn't installed. */
  readonly psql: string | null;
  readonly pgloader: string | null;
  /** Absent in results of older versions. */
  readonly xlsx2csv?: string | null;
  readonly jq?: string | null;
  readonly deno: string;
  /** The path of the compiled program, if that was measured. */
  readonly binary: string | null;
}

export async function readMachine(server: BenchServer, binary: string | null): Promise<Machine> {
  const { version, settings, embedded } = server.described;
  return {
    cores: navigator.hardwareConcurrency,
    cpu: await cpuModel(),
    server: version,
    settings,
    embedded,
    psql: await findPsql(),
    pgloader: await findPgloader(),
    xlsx2csv: await findXlsx2csv(),
    jq: await findJq(),
    deno: Deno.version.deno,
    binary,
  };
}

export function describeMachine(machine: Machine): string {
  const { cores, cpu, server, settings, embedded, psql, pgloader, deno, binary } = machine;
  const { xlsx2csv = null, jq = null } = machine;
  return [
    `${cores} cores${cpu === null ? "" : ` (${cpu})`}`,
    `${embedded ? `${server}, embedded` : server} (${settings})`,
    psql === null ? "no psql" : `psql ${psql}`,
    pgloader === null ? "no pgloader" : `pgloader ${pgloader}`,
    ...xlsx2csv === null ? [] : [`xlsx2csv ${xlsx2csv}`],
    ...jq === null ? [] : [jq],
    binary === null ? `deno ${deno}` : `the compiled program ${binary}`,
  ].join(" · ");
}

async function cpuModel(): Promise<string | null> {
  if (Deno.build.os !== "linux") return null;
  const found = /^model name\s*:\s*(.+)$/mu.exec(await Deno.readTextFile("/proc/cpuinfo"));
  return found?.[1] ?? null;
}
