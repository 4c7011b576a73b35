/** The pages leave nothing out: every key of a definition, every command. */
import assert from "node:assert/strict";
import type { Command } from "commander";
import { z } from "zod";
import { buildCommandLine } from "../../src/cli/command_line.ts";
import { definitionSchema } from "../../src/importer/schema.ts";
import { memoryOutput } from "../cli/memory_output.ts";
import { type Page, readPage } from "./pages.ts";

Deno.test("docs/definition.md names every key, and every word that a key may have", async () => {
  const words = wordsInCode(await readPage("docs/definition.md"));
  const schema = z.toJSONSchema(definitionSchema);
  const named = namesIn(schema);
  assert.ok(named.has("min_length") && named.has("squish") && named.has("uuid"));
  assert.deepEqual([...named].filter((name) => !words.has(name)), []);
});

Deno.test("docs/commands.md names every command", async () => {
  const words = wordsInCode(await readPage("docs/commands.md"));
  const program = buildCommandLine(memoryOutput().output, () => {});
  const named = commandsIn(program);
  assert.ok(named.includes("run") && named.includes("revoke"));
  assert.deepEqual(named.filter((name) => !words.has(name)), []);
});

/** The keys of all mappings in a JSON schema, and the words of all lists of words. */
function namesIn(schema: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: unknown) => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === "object" && part !== null) {
      const { properties, enum: words } = part as { properties?: object; enum?: unknown };
      for (const name of Object.keys(properties ?? {})) names.add(name);
      if (Array.isArray(words)) { for (const word of words) names.add(String(word)); }
      Object.values(part).forEach(visit);
    }
  };
  visit(schema);
  return names;
}

function commandsIn({ commands }: Command): readonly string[] {
  return commands.flatMap((command) => [command.name(), ...commandsIn(command)]);
}

function wordsInCode({ text }: Page): ReadonlySet<string> {
  const code = [...text.matchAll(/`([^`\n]+)`/gu)].map(([, inside]) => inside);
  return new Set(code.flatMap((inside) => inside.match(/\w+/gu) ?? []));
}
