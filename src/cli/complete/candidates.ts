/** Finds what can stand where the cursor is. */
import { Help } from "commander";
import { listSlugs } from "../../importer/list_slugs.ts";
import { isList } from "../refuse_repeated.ts";
import { readSettings, type Settings } from "../settings.ts";
import type { Asked } from "./asked.ts";
import type { Candidate } from "./candidate.ts";

/** None for files and folders: those are the shell's. */
export async function candidatesFor(asked: Asked): Promise<readonly Candidate[]> {
  const { command, what } = asked;
  switch (what.kind) {
    case "words":
      return unless(asked, what.words.map((value) => ({ value, description: "" })));
    case "commands":
      return command.createHelp().visibleCommands(command).map((one) => ({
        value: one.name(),
        description: one.summary() || one.description(),
      }));
    case "flags":
      return flagsOf(asked);
    case "importers": {
      // `--table` is for a run without one.
      if (valueOf(asked, "--table") !== null) return [];
      const importers = await listSlugs(settingsOf(asked).importers);
      return importers.map(({ slug, file }) => ({ value: slug, description: file }));
    }
    case "files":
    case "folders":
    case "nothing":
      return [];
    default: {
      const { kind } = what;
      const [{ lookUp }, { askQuietly }] = await Promise.all([
        import("./look_up.ts"),
        import("./quiet_database.ts"),
      ]);
      const settings = settingsOf(asked);
      const found = await askQuietly(settings, (ledger) => lookUp(ledger, kind, asked));
      return unless(asked, found ?? []);
    }
  }
}

function flagsOf({ command, options }: Asked): readonly Candidate[] {
  const given = new Set(options.map(({ option }) => option.attributeName()));
  return new Help().visibleOptions(command).flatMap((option) => {
    if (option.long === undefined) return [];
    if (given.has(option.attributeName()) && !isList(option)) return [];
    return [{ value: option.long, description: option.description }];
  });
}

/** Without those that the list has already. */
function unless({ lead }: Asked, candidates: readonly Candidate[]): readonly Candidate[] {
  const before = new Set(lead.replace(/^--[^=]+=/u, "").split(","));
  return candidates.filter(({ value }) => !before.has(value));
}

/** As the command would have them. Throws UsageError. */
function settingsOf(asked: Asked): Settings {
  return readSettings({
    databaseUrl: valueOf(asked, "--database-url") ?? undefined,
    embedded: valueOf(asked, "--embedded") !== null,
    schema: valueOf(asked, "--schema") ?? undefined,
    importers: valueOf(asked, "--importers") ?? undefined,
  });
}

/** Null if the option isn't given. The shell has not replaced variables: `$STAGING_URL`. */
function valueOf({ options }: Asked, name: string): string | null {
  const value = options.find(({ option }) => option.long === name)?.value ?? null;
  const variable = /^\$(?:(\w+)|\{(\w+)\})$/u.exec(value ?? "");
  return variable === null ? value : Deno.env.get(variable[1] ?? variable[2]) ?? value;
}
