/**
 * How much CPU time the kernel takes for a row: to cut the file and to hash the rows' keys, as the planner
 * does, and to make the rows of COPY from it. The server only says what the tables are like.
 *
 *     scripts/deno task bench:kernel
 *     scripts/deno task bench:kernel --only messy --rounds 40
 *
 * Definitions take turns, and the fastest round counts: other programs can only slow one down. So
 * what is printed before a change and after it can be compared.
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";
import { findImporter } from "../../src/importer/folder.ts";
import { KeyRegister } from "../../src/keys/register.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type RunProgram } from "../../src/run/program.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import type { RowReader } from "../../src/run/supply/row_supply.ts";
import type { Bench } from "./bench.ts";
import type { DataFile } from "./data/files.ts";
import type { KindName } from "./data/kinds.ts";
import { STEPS } from "./importers/steps.ts";
import { stepImporter } from "./programs/definitions.ts";
import { EMPTY } from "./states.ts";
import { withBench } from "./with_bench.ts";

const SCHEMA = "ingest";

interface Subject {
  readonly name: string;
  readonly importer: string;
  readonly file: KindName;
}

const SUBJECTS: readonly Subject[] = [
  { name: "messy file", importer: "contacts", file: "messy" },
  { name: "clean file", importer: "insert", file: "valid" },
  { name: "clean file in JSON", importer: "insert_json", file: "ndjson" },
  { name: "rows of 3 fields", importer: "narrow", file: "narrow" },
  ...STEPS.map((step) => ({
    name: `${step.name} alone`,
    importer: stepImporter(step),
    file: step.file,
  })),
];

/** The bytes of a batch. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

class Trial {
  /** Nanoseconds of CPU time a row, in the fastest round. */
  planned = Infinity;
  encoded = Infinity;

  private constructor(
    readonly name: string,
    readonly file: DataFile,
    readonly program: RunProgram,
    readonly pieces: readonly Piece[],
  ) {}

  static async of({ name, importer, file: kind }: Subject, bench: Bench, ledger: Ledger) {
    const file = await bench.files.get(kind, bench.rows);
    const { definition } = await findImporter(bench.folders.importers, importer, {
      ownSchema: SCHEMA,
    });
    const { run: { id } } = await createRunFor((work) => work(ledger), {
      definition,
      file: file.path,
      user: null,
      // Nothing is copied, because the file is UTF-8 and the run stays in this process.
      spoolFolder: ".",
      detach: false,
      dryRun: false,
    });
    const program = await prepareRun(ledger.session, await requireRun(ledger, id), SCHEMA);
    const pieces: Piece[] = [];
    const whole = await Deno.readFile(file.path);
    await plan(ledger, program, (rows, from, to) => {
      pieces.push({ rows, bytes: whole.subarray(from, to) });
    });
    return new Trial(name, file, program, pieces);
  }

  async round(ledger: Ledger): Promise<void> {
    const began = cpuTime();
    await plan(ledger, this.program, () => {});
    const planned = cpuTime();
    this.#encode();
    const ended = cpuTime();
    this.planned = Math.min(this.planned, (planned - began) / this.file.rows);
    this.encoded = Math.min(this.encoded, (ended - planned) / this.file.rows);
  }

  #encode(): void {
    const { encoder } = this.program;
    let good = 0;
    for (const { bytes, rows } of this.pieces) {
      encoder.input(bytes.length, rows).set(bytes);
      good += encoder.encodePiece({ offset: 0, line: 1, row: 1 }).goodRecords.length;
    }
    if (good === this.file.rows) return;
    throw new Error(`${this.name}: ${good} of ${this.file.rows} rows are good`);
  }
}

/** Reads the whole file as the planner does. `take`: gets each batch's bytes, from and to. */
async function plan(
  ledger: Ledger,
  { run, hasher, supply }: RunProgram,
  take: (rows: number, from: number, to: number) => void,
): Promise<void> {
  const { batch_rows: rows, batch_bytes: bytes } = run.definition.options;
  const register = hasher === null ? null : new KeyRegister(hasher, true, false, run.source.size);
  const reader: RowReader = await supply.open(ledger, run, register, { rows, bytes });
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
      register?.addAll(piece.hashed);
      if (piece.batch !== null) take(piece.rows, piece.batch.byteStart, piece.batch.byteEnd);
    }
  } finally {
    reader.close();
  }
}

/** Nanoseconds of this process. Unlike the time of day, it doesn't run while others compute. */
function cpuTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) * 1000;
}

function describe({ name, file, planned, encoded }: Trial): string {
  const speed = file.bytes / file.rows / encoded * 1000;
  const columns = [planned.toFixed(0), encoded.toFixed(0), speed.toFixed(0)];
  return name.padEnd(34) + columns.map((text) => text.padStart(12)).join("");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      rows: { type: "string", default: "100000" },
      rounds: { type: "string", default: "10" },
    },
  });
  const wanted = SUBJECTS.filter(({ name }) =>
    values.only.length === 0 || values.only.some((part) => name.includes(part))
  );
  if (wanted.length === 0) {
    throw new Error(`--only: expected a part of ${SUBJECTS.map(({ name }) => name).join(", ")}`);
  }
  const choice = {
    quick: true,
    rows: Number(values.rows),
    databaseUrl: null,
    workers: null,
    binary: null,
    signal: new AbortController().signal,
    log: (line: string) => console.error(line),
  };
  await withBench(choice, async (bench) => {
    const { session } = await bench.states.restore(EMPTY, bench);
    const ledger = new Ledger(session, SCHEMA);
    const trials: Trial[] = [];
    for (const subject of wanted) trials.push(await Trial.of(subject, bench, ledger));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const trial of trials) await trial.round(ledger);
    }
    const head = ["plan, ns", "encode, ns", "MB/s"].map((text) => text.padStart(12)).join("");
    console.log([`${"a row of".padEnd(34)}${head}`, ...trials.map(describe)].join("\n"));
  });
}

await main();
