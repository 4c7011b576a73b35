/** The pages leave nothing out: every key of a definition, every command. */
import assert from "node:assert/strict";
import type { Command } from "commander";
import { z } from "zod";
import { buildCommandLine } from "../../src/cli/command_line.ts";
import { definitionSchema } from "../../src/importer/schema.ts";
import { memoryOutput } from "../cli/memory_output.ts";
import { type Page, readPage } from "./pages.ts";
import { readTested } from "./snippets.ts";

Deno.test("docs/definition.md names every key, and every word that a key may have", async () => {
  const words = wordsInCode(await readPage("docs/definition.md"));
  const schema = z.toJSONSchema(definitionSchema);
  const { keys, words: values } = namesIn(schema);
  assert.ok(keys.has("min_length") && values.has("squish") && values.has("uuid"));
  assert.deepEqual([...keys, ...values].filter((name) => !words.has(name)), []);
});

Deno.test("docs/definition.md shows every key in an example", async () => {
  const examples = readTested(await readPage("docs/definition.md"), "yaml").join("\n");
  const shown = new Set(examples.match(/\w+(?=:)/gu));
  const { keys } = namesIn(z.toJSONSchema(definitionSchema));
  assert.deepEqual([...keys].filter((key) => !shown.has(key)), []);
});

Deno.test("docs/commands.md names every command", async () => {
  const words = wordsInCode(await readPage("docs/commands.md"));
  const program = buildCommandLine(memoryOutput().output, () => {});
  const named = commandsIn(program);
  assert.ok(named.includes("run") && named.includes("revoke"));
  assert.deepEqual(named.filter((name) => !words.has(name)), []);
});

/** The keys of all mappings in a JSON schema, and the words of all lists of words. */
function namesIn(schema: unknown) {
  const keys = new Set<string>();
  const words = new Set<string>();
  const visit = (part: unknown) => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === "object" && part !== null) {
      const { properties, enum: choice } = part as { properties?: object; enum?: unknown };
      for (const name of Object.keys(properties ?? {})) keys.add(name);
      if (Array.isArray(choice)) { for (const word of choice) words.add(String(word)); }
      Object.values(part).forEach(visit);
    }
  };
  visit(schema);
  return { keys, words };
}

function commandsIn({ commands }: Command): readonly string[] {
  return commands.flatMap((command) => [command.name(), ...commandsIn(command)]);
}

function wordsInCode({ text }: Page): ReadonlySet<string> {
  const code = [...text.matchAll(/`([^`\n]+)`/gu)].map(([, inside]) => inside);
  return new Set(code.flatMap((inside) => inside.match(/\w+/gu) ?? []));
}
