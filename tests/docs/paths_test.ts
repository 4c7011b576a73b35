/** Files and folders that the pages name are there, and each room of `src/` is named. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { type Page, readPage, readPages, ROOT } from "./pages.ts";

Deno.test("every file and folder that a page names is there", async () => {
  const gone: string[] = [];
  let checked = 0;
  for (const page of await readPages()) {
    for (const path of pathsIn(page)) {
      checked++;
      if (!await isThere(path)) gone.push(`${page.path} names ${path}`);
    }
  }
  assert.deepEqual(gone, []);
  assert.ok(checked > 50, `only ${checked} paths were found`);
});

Deno.test("docs/architecture.md says of each folder of src/, and of src/run/, what it is for", async () => {
  const { text } = await readPage("docs/architecture.md");
  for (const folder of ["src", "src/run"]) {
    for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
      if (!isDirectory) continue;
      assert.match(text, new RegExp(`^\\| \`${name}/\` `, "mu"), `no table has ${folder}/${name}/`);
    }
  }
});

/** From the root of the repository, as code: `src/run/`, `tests/run/reference_*.ts`. */
function pathsIn({ text }: Page): readonly string[] {
  const code = [...text.matchAll(/`([^`\n]+)`/gu)].map(([, inside]) => inside);
  return code.flatMap((inside) =>
    inside.match(/(?<![\w./-])(?:src|tests|scripts|docs|\.ci)\/[\w./*-]*(?![\w./*<-])/gu) ?? []
  );
}

async function isThere(path: string): Promise<boolean> {
  if (!path.includes("*")) return await exists(path);
  const [folder, name] = [dirname(path), path.slice(dirname(path).length + 1)];
  const pattern = new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "u");
  for await (const entry of Deno.readDir(`${ROOT}${folder}`)) {
    if (pattern.test(entry.name)) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  try {
    const { isDirectory } = await Deno.stat(`${ROOT}${path}`);
    return isDirectory || !path.endsWith("/");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
