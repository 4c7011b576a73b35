/** The table and the files that tests of the commands use. */

export const CUSTOMERS_TABLE = `create table customers (
  email text primary key, name text not null, age int check (age >= 0))`;

/** `good` rows, and one that fails in the middle if `bad`. */
export function customers(good: number, bad = false): string {
  const rows = Array.from({ length: good }, (_, i) => `u${i}@example.com,User ${i},${i % 90}`);
  if (bad) rows.splice(good >> 1, 0, "bad@example.com,Bad,x");
  return ["email,name,age", ...rows, ""].join("\n");
}

/** Removed with everything in it when the test ends. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "ingest-cli-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
