/** Style, scripts and font of the pages: files of the program, sent under a name that changes with them. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createHash } from "node:crypto";
import { ownFile } from "../../config/own_files.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { RequestEnv } from "../server_context.ts";
import { compactScript } from "./compact_script.ts";

const TYPES = {
  css: "text/css; charset=UTF-8",
  js: "text/javascript; charset=UTF-8",
  woff2: "font/woff2",
  svg: "image/svg+xml",
} as const;

type Ending = keyof typeof TYPES;

/** Every file in `assets/`. They are listed because a compiled program can't list its files. */
const NAMES = [
  "styles/style.css",
  "styles/runs.css",
  "styles/run.css",
  "styles/importers.css",
  "styles/import.css",
  "styles/preview.css",
  "after_paint.js",
  "page.js",
  "live.js",
  "watch.js",
  "shared_events.js",
  "styles/rows.css",
  "grid/grid.js",
  "grid/advice.js",
  "grid/ask.js",
  "grid/bar.js",
  "grid/block.js",
  "grid/bubble.js",
  "grid/cells.js",
  "grid/draw.js",
  "grid/editor.js",
  "grid/edits.js",
  "grid/everywhere.js",
  "grid/faults.js",
  "grid/forms.js",
  "grid/parts.js",
  "grid/repair.js",
  "grid/rows.js",
  "grid/suggestions.js",
  "grid/view.js",
  "grid/widths.js",
  "importers.js",
  "import/import.js",
  "import/mapping.js",
  "import/save.js",
  "import/send.js",
  "import/state.js",
  "import/action_bar.js",
  "import/drops.js",
  "import/dry_run.js",
  "import/upload.js",
  "font/inter.woff2",
  "icon.svg",
] as const satisfies readonly `${string}.${Ending}`[];

export type AssetName = (typeof NAMES)[number];

interface Assets {
  /** Of all files together: they refer to each other by relative names. */
  readonly version: string;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Read once, when somebody opens a page. */
let read: Promise<Assets> | null = null;

export function loadAssets(): Promise<Assets> {
  read ??= readAll().catch((error) => {
    read = null;
    throw error;
  });
  return read;
}

async function readAll(): Promise<Assets> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const hash = createHash("sha256");
  for (const name of NAMES) {
    const bytes = await readAsset(name);
    files.set(name, bytes);
    hash.update(name).update(bytes);
  }
  return { version: hash.digest("hex").slice(0, 12), files };
}

async function readAsset(name: AssetName): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(ownFile(`src/http/pages/assets/${name}`));
  const compact = name.endsWith(".js")
    ? compactScript
    : name.endsWith(".css")
    ? compactStyle
    : null;
  if (compact === null) return bytes;
  return new TextEncoder().encode(compact(new TextDecoder().decode(bytes)));
}

/** Without comments, and without what only sets one line apart from another. */
function compactStyle(source: string): string {
  return source.replace(/\/\*[^]*?\*\//gu, "").replace(/\s*\n\s*/gu, " ").trim();
}

export function assetPath(version: string, name: AssetName): string {
  return `/assets/${version}/${name}`;
}

/** A stylesheet as it is put into a page, which is elsewhere than the stylesheet's file. */
export function inlineStyle(
  sheet: Uint8Array,
  path: (name: AssetName) => string,
): string {
  return new TextDecoder().decode(sheet)
    .replaceAll("../font/inter.woff2", path("font/inter.woff2"));
}

export function assetRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.get("/assets/:version/:name{.+}", async (c) => {
    const { version, files } = await loadAssets();
    const { name } = c.req.param();
    const bytes = files.get(name);
    // A page of an older version of the program asks for its own files: it has to be reloaded.
    if (bytes === undefined || c.req.param("version") !== version) {
      throw new RequestRefused(404, "not_found", "There is no such file.");
    }
    return c.body(bytes, 200, {
      "content-type": TYPES[name.slice(name.lastIndexOf(".") + 1) as Ending],
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
}
