import assert from "node:assert/strict";
import { startIngest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const MB = 1_000_000;

Deno.test("memory depends neither on the file's size nor on how many rows fail", async () => {
  await using database = await testDatabase();
  await database.session.execute("create table readings (id bigint primary key, value int)");
  const folder = await Deno.makeTempDir({ prefix: "ingest-memory-" });
  try {
    const peakOf = async (rows: number, value: string) => {
      const file = `${folder}/${rows}.csv`;
      await Deno.writeTextFile(file, csv(rows, value));
      await database.session.execute("truncate readings");
      return await peak(["run", "--table", "readings", "--file", file], database);
    };
    // Four times the rows, once all good and once all bad. Keeping the failed rows in memory, with
    // their errors and bytes, would take 300 MB more.
    const good = await peakOf(100_000, "17");
    const moreGood = await peakOf(400_000, "17");
    assert.ok(moreGood - good < 120 * MB, `${good} bytes, then ${moreGood}`);
    const bad = await peakOf(100_000, "none");
    const moreBad = await peakOf(400_000, "none");
    assert.ok(moreBad - bad < 120 * MB, `${bad} bytes, then ${moreBad}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function csv(rows: number, value: string): string {
  const note = "x".repeat(30);
  const lines = Array.from({ length: rows }, (_, i) => `${i},${value},${note}`);
  return `id,value,note\n${lines.join("\n")}\n`;
}

/** The peak resident size of the program, in bytes. */
async function peak(args: readonly string[], database: TestDatabase): Promise<number> {
  const program = startIngest(args, { database });
  let running = true;
  const ended = program.ended.finally(() => {
    running = false;
  });
  let highest = 0;
  while (running) {
    highest = Math.max(highest, await highWaterMark(program.pid));
    // This statement is the pause between measurements.
    await database.session.query("select pg_sleep(0.02)");
  }
  const { code, stderr } = await ended;
  assert.ok(code === 0 || code === 3, stderr);
  return highest;
}

async function highWaterMark(pid: number): Promise<number> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Error && error.message.includes("No such process");
}
