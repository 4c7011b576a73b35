/**
 * Checks the direction of imports (import_rules.ts), that there are no cycles, not even of type
 * imports, that only commands print or end the process, and that no package of the tests gets into
 * the program. Prints one line for each violation.
 */
import { dirname, join, normalize } from "node:path";
import { mayPrint, packages, rooms, rules, shared } from "./import_rules.ts";

export interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Finds the relative imports in a TypeScript source: static, dynamic, and of workers. */
export function findImports(path: string, source: string): readonly Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  // AssemblyScript names modules without their ending.
  const ending = path.includes("/assembly/") ? ".ts" : "";
  const add = (specifier: string, typeOnly: boolean) => {
    if (/^\..*\.tsx?$/.test(specifier + ending)) {
      const to = normalize(join(dirname(path), specifier + ending));
      found.push({ from: path, to, typeOnly });
    }
  };
  for (
    const match of code.matchAll(/^\s*(?:import|export)\s+([\w*{}\s,$]+?)\s+from\s+"([^"]+)"/gm)
  ) {
    add(match[2], isTypeOnly(match[1]));
  }
  for (const match of code.matchAll(/^\s*import\s+"([^"]+)"/gm)) add(match[1], false);
  for (const match of code.matchAll(/\bimport\(\s*"([^"]+)"/g)) add(match[1], false);
  // Threads, which `src/config/own_files.ts` finds.
  for (const match of code.matchAll(/\bownModule\(\s*"([^"]+)"/g)) {
    found.push({ from: path, to: match[1], typeOnly: false });
  }
  return found;
}

/** True for `type X`, `type { X }`, and a list in which each name has its own `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^type\s/.test(clause)) return true;
  const list = /^\{([\s\S]*)\}$/.exec(clause.trim());
  if (list === null) return false;
  const names = list[1].split(",").map((name) => name.trim()).filter((name) => name !== "");
  return names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** Finds the imports that no rule allows, one line each. */
export function checkDirection(imports: readonly Import[]): readonly string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own === other) return checkRooms(from, to);
    const rule = rules[own];
    if (rule === undefined) return [`${from}: the folder ${own} is not in import_rules.ts`];
    if (rule.from.includes(other)) return [];
    const typesAllowed = rule.typesFrom.includes(other);
    if (typesAllowed && (typeOnly || shared.includes(to))) return [];
    const owner = own === "" ? "main.ts" : own;
    const what = typesAllowed ? `only types from ${other}` : `nothing from ${other || "main.ts"}`;
    return [`${from} imports ${to}: ${owner} may import ${what}`];
  });
}

/** Checks an import inside a folder that has rooms. */
function checkRooms(from: string, to: string): readonly string[] {
  const allowed = rooms[folderOf(from)];
  if (allowed === undefined) return [];
  const [own, other] = [roomOf(from), roomOf(to)];
  if (allowed[own] === undefined) return [`${from}: the room ${own} is not in import_rules.ts`];
  if (own === other || allowed[own].includes(other)) return [];
  const what = other === "" ? "its folder's own files" : other;
  return [`${from} imports ${to}: ${own || "its folder"} may import nothing from ${what}`];
}

/** Finds cycles of imports, including type imports. Each gets one line. */
export function findCycles(imports: readonly Import[]): readonly string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...next.get(from) ?? [], to]);
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push(`cycle: ${[...path.slice(start), file].join(" → ")}`);
    if (start >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return cycles;
}

/** Finds code that prints or ends the process outside of the commands. */
export function checkPrinting(path: string, source: string): readonly string[] {
  if (mayPrint.some((allowed) => path.startsWith(allowed))) return [];
  const forbidden = /\bconsole\.\w+|\bDeno\.exit\b|\bDeno\.std(?:out|err)\b/g;
  return withoutComments(source).split("\n").flatMap((line, i) =>
    [...line.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""').matchAll(forbidden)].map(([what]) =>
      `${path}:${i + 1}: ${what} belongs in src/cli or main.ts`
    )
  );
}

/** Finds imports of packages that are not part of the program. */
export function checkPackages(path: string, source: string): readonly string[] {
  const named = withoutComments(source).matchAll(
    /^\s*(?:import|export)\s(?:[\w*{}\s,$]+?\sfrom\s+)?"([^".][^"]*)"|\bimport\(\s*"([^".][^"]*)"/gm,
  );
  return [...named].flatMap(([, fixed, late]) => {
    const specifier = fixed ?? late;
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    if (specifier.startsWith("node:") || packages.includes(name)) return [];
    return [`${path} imports ${specifier}, which is not part of the program`];
  });
}

function folderOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
}

/** The room that a file is in. Empty if the file is directly in the folder. */
function roomOf(path: string): string {
  return /^src\/[^/]+\/([^/]+)\//.exec(path)?.[1] ?? "";
}

/** Keeps the line numbers. A `//` right after a colon is part of a URL. */
function withoutComments(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

async function sourceFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await sourceFiles(path));
    else if (/\.tsx?$/.test(path)) files.push(path);
  }
  return files.sort();
}

async function main(): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  const program = ["main.ts", ...await sourceFiles("src")];
  const imports: Import[] = [];
  const violations: string[] = [];
  for (const path of program) {
    const source = await Deno.readTextFile(path);
    imports.push(...findImports(path, source));
    violations.push(...checkPrinting(path, source), ...checkPackages(path, source));
  }
  const ofScripts: Import[] = [];
  for (const path of await sourceFiles("scripts")) {
    ofScripts.push(...findImports(path, await Deno.readTextFile(path)));
  }
  violations.push(...checkDirection(imports), ...findCycles([...imports, ...ofScripts]));
  for (const violation of violations) console.log(violation);
  console.log(`${imports.length} imports checked, ${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
