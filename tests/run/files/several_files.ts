/** Runs that read several files, for tests. */
import { parseDefinition } from "../../../src/importer/parse.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { createRunFor } from "../../../src/run/request/create.ts";
import type { Workshop } from "../importing.ts";

export interface FileFolder extends AsyncDisposable {
  readonly path: string;
  /** Creates a run of all files in it, or of those named. */
  create(shop: Workshop, yaml: string, names?: readonly string[]): Promise<Run>;
}

/** `files`: their contents by name. */
export async function folderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<FileFolder> {
  const path = await Deno.makeTempDir({ prefix: "ingest-files-" });
  await Deno.mkdir(`${path}/in`);
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === "string") await Deno.writeTextFile(`${path}/in/${name}`, content);
    else await Deno.writeFile(`${path}/in/${name}`, content);
  }
  return {
    path: `${path}/in`,
    async create({ ledger }, yaml, names) {
      const parsed = parseDefinition(yaml, "test.yaml");
      if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
      const { run } = await createRunFor((work) => work(ledger), {
        definition: parsed.definition,
        file: names?.map((name) => `${path}/in/${name}`) ?? [`${path}/in`],
        user: "tester",
        spoolFolder: `${path}/spool`,
        detach: false,
        dryRun: false,
      });
      return run;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
