/** Two finished runs, one of which has a row that failed: for tests of `errors` in this process. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs commands in this process, on one database. */
export function commandsOn(db: TestDatabase) {
  return async (...args: string[]): Promise<Said> => {
    const { output, stdout, stderr } = memoryOutput();
    const code = await runCommandLine([...args, "--database-url", db.url], output);
    return { code, out: stdout.text, err: stderr.text };
  };
}

export interface Scene extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly dir: string;
  readonly say: (...args: string[]) => Promise<Said>;
}

/** Run 1 has a row that failed, run 2 none. */
export async function scene(): Promise<Scene> {
  const db = await testDatabase();
  const { path: dir } = await temporaryFolder();
  const say = commandsOn(db);
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir}/bad.csv`, customers(4, true));
  await Deno.writeTextFile(`${dir}/good.csv`, customers(2).replaceAll("u", "v"));
  const load = ["run", "--table", "customers", "--key", "email", "--quiet", "--file"];
  assert.equal((await say(...load, `${dir}/bad.csv`)).code, 3);
  assert.equal((await say(...load, `${dir}/good.csv`)).code, 0);
  return {
    db,
    dir,
    say,
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(dir, { recursive: true });
      await db[Symbol.asyncDispose]();
    },
  };
}

export const EXPORTED = "\ufeff_error_message,email,name,age,_row_number,_run_id\r\n" +
  "The age field must be a whole number.,bad@example.com,Bad,x,3,1\r\n";
