/** A file, and what is guessed of it. */
import { adHocDefinition } from "../../../src/importer/ad_hoc.ts";
import type { FileFacts } from "../../../src/run/guess/file_facts.ts";
import { readFiles } from "../../../src/run/guess/open_files.ts";

/** What a file with this content holds, in all of its rows. */
export async function factsOf(
  content: string | Uint8Array,
  name = "data.csv",
  together: readonly (readonly string[])[] = [],
): Promise<FileFacts> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-guess-" });
  try {
    const path = `${folder}/${name}`;
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    const definition = adHocDefinition({ table: "t" });
    return await readFiles({ files: [path], definition, folder, together });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A file with one column of these values, each in quotes. */
export function columnOf(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value.replaceAll('"', '""')}"`);
  return ["value,row", ...quoted.map((value, at) => `${value},${at}`), ""].join("\n");
}
