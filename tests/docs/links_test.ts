/** Links in the pages lead somewhere: to files of the repository, and to headings in them. */
import assert from "node:assert/strict";
import { dirname, normalize, relative } from "node:path";
import { readPages, ROOT } from "./pages.ts";

Deno.test("every link in the pages leads to a file or a heading that is there", async () => {
  const pages = await readPages();
  const anchorsOf = new Map(pages.map(({ path, text }) => [path, anchors(text)]));
  const broken: string[] = [];
  let checked = 0;
  for (const { path, text } of pages) {
    for (const link of links(text)) {
      checked++;
      const [file, anchor] = link.split("#");
      const target = file === "" ? path : normalize(`${dirname(path)}/${file}`);
      if (!await isThere(target)) broken.push(`${path}: ${link}: there is no ${target}`);
      else if (anchor !== undefined && !anchorsOf.get(target)?.includes(anchor)) {
        broken.push(`${path}: ${link}: ${target} has no heading for it`);
      }
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(checked > 20, `only ${checked} links were found`);
});

Deno.test("every page can be reached from the README", async () => {
  const pages = new Map((await readPages()).map((page) => [page.path, page]));
  const reached = new Set<string>();
  const visit = (path: string) => {
    const page = pages.get(path);
    if (page === undefined || reached.has(path)) return;
    reached.add(path);
    for (const link of links(page.text)) visit(normalize(`${dirname(path)}/${link.split("#")[0]}`));
  };
  visit("README.md");
  assert.deepEqual([...pages.keys()].filter((path) => !reached.has(path)), []);
});

Deno.test("headings have the anchors that GitHub gives them", () => {
  const text = "# The `on_duplicate` of A–B, c/d\n## Why?\n```sh\n# no heading\n```\n## Why?\n";
  assert.deepEqual(anchors(text), ["the-on_duplicate-of-ab-cd", "why", "why-1"]);
});

/** Targets of links and images, other than those on other servers. */
function links(markdown: string): readonly string[] {
  const text = withoutCode(markdown).replace(/`[^`\n]*`/gu, "``");
  return [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/u.test(target));
}

function anchors(markdown: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(markdown).matchAll(/^#{1,6} (.*)$/gmu)].map(([, title]) => {
    const anchor = title.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** Without blocks of code, where a `#` is no heading. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^```[^]*?^```$/gmu, "");
}

async function isThere(path: string): Promise<boolean> {
  // Nothing outside the repository is ours to point to.
  if (relative(".", path).startsWith("..")) return false;
  try {
    await Deno.stat(`${ROOT}${path}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
