/** The workloads, one after the other, in rounds: what slows one round down slows all of it. */
import { checksum, type Load, type Loader, loadWithCopy, loadWithIngest } from "./loading.ts";
import { type DataFile, prepareData } from "./data.ts";
import { type Figure, toFigure } from "./figures.ts";

export interface BenchOptions {
  readonly rows: number;
  readonly rounds: number;
  /** Is there a psql to compare with? */
  readonly psql: boolean;
  /** Of the generated files. */
  readonly dataFolder: string;
  readonly log: (line: string) => void;
}

/** For the question whether memory depends on the file's size. */
const SMALL = 100_000;

const FRESH = "fresh insert";
const UPSERT = "key and update, empty table";
const AGAIN = "the same file again";
const INVALID = "5 % invalid rows";
const COPY = "psql \\copy";

export async function runRounds(loader: Loader, options: BenchOptions): Promise<Figure[]> {
  const { rows, rounds, dataFolder, log } = options;
  log(`Writing the data, unless it is there: ${dataFolder}`);
  const valid = await prepareData(dataFolder, rows, false);
  const invalid = await prepareData(dataFolder, rows, true);
  const small = await prepareData(dataFolder, Math.min(rows, SMALL), false);
  const loads = new Map<string, Load[]>();
  const note = (workload: string, load: Load) => {
    loads.set(workload, [...loads.get(workload) ?? [], load]);
    log(`  ${workload}: ${load.seconds.toFixed(2)} s`);
  };
  for (let round = 1; round <= rounds; round++) {
    log(`Round ${round} of ${rounds}`);
    await oneRound(loader, { valid, invalid }, options.psql, note);
  }
  const smallLoad = small.rows === rows ? null : await fresh(loader, small);
  const copies = loads.get(COPY) ?? null;
  const figures = [...loads].map(([workload, measured]) =>
    toFigure(workload, rows, measured, workload === COPY ? null : copies)
  );
  return smallLoad === null
    ? figures
    : [...figures, toFigure(FRESH, small.rows, [smallLoad], null)];
}

async function oneRound(
  loader: Loader,
  files: { readonly valid: DataFile; readonly invalid: DataFile },
  psql: boolean,
  note: (workload: string, load: Load) => void,
): Promise<void> {
  const { database } = loader;
  const { valid, invalid } = files;
  let all: string | null = null;
  let good: string | null = null;
  /** Everybody has to make the same table of the same file, whoever comes first. */
  const compare = async (what: string) => {
    const found = { all: await checksum(database, false), good: await checksum(database, true) };
    all ??= found.all;
    good ??= found.good;
    if (found.all !== all) throw new Error(`${what} made ${found.all}, expected ${all}`);
  };
  if (psql) {
    await database.reset();
    note(COPY, await loadWithCopy(loader, valid));
    await compare(COPY);
  }
  note(FRESH, await fresh(loader, valid));
  await compare(FRESH);

  await database.reset();
  const created = { created: valid.rows, skipped: 0, failed: 0 };
  note(UPSERT, await loadWithIngest(loader, "upsert", valid, created));
  await compare(UPSERT);

  const skipped = { created: 0, skipped: valid.rows, failed: 0 };
  note(AGAIN, await loadWithIngest(loader, "upsert", valid, skipped));
  await compare(AGAIN);

  await database.reset();
  const some = { created: invalid.rows - invalid.invalid, skipped: 0, failed: invalid.invalid };
  note(INVALID, await loadWithIngest(loader, "insert", invalid, some));
  const found = await checksum(database, false);
  if (found !== good) throw new Error(`${INVALID} made ${found}, expected ${good}`);
}

async function fresh(loader: Loader, file: DataFile): Promise<Load> {
  await loader.database.reset();
  const expected = { created: file.rows, skipped: 0, failed: 0 };
  return await loadWithIngest(loader, "insert", file, expected);
}
