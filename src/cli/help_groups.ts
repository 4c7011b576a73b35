/** How `ingest --help` looks: groups of commands by what people are about to do, most used first. */
import { type Command, Help, type HelpConfiguration, type Option } from "commander";

const LAST_GROUP = "Administer:";

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "Load:": ["run", "cancel", "resume", "release"],
  "Define:": ["init", "check", "test", "list", "schema"],
  "Watch:": ["overview", "status", "errors", "rows", "runs", "wait", "verify"],
  "Repair:": ["retry", "waive", "view", "undo"],
  [LAST_GROUP]: [
    ...["serve", "work", "token", "prune", "delete", "migrate", "db"],
    ...["completions", "version", "help"],
  ],
};

const ORDER = Object.values(GROUPS).flat();

const HELP_COMMAND = ["help [command]", "show all options of a command, and examples"] as const;

/** Sorts the commands that are declared into their groups. */
export function groupCommands(program: Command): void {
  program.commandsGroup(LAST_GROUP).helpCommand(...HELP_COMMAND);
  for (const [heading, names] of Object.entries(GROUPS)) {
    for (const command of program.commands) {
      if (names.includes(command.name())) command.helpGroup(heading);
    }
  }
  // Otherwise these would have the program's, with its group.
  for (const command of program.commands) {
    if (command.commands.length > 0) command.helpCommand(...HELP_COMMAND);
  }
}

const usual = new Help();

/** Commands of commands, such as `token create`, stay in the order in which they are declared. */
export const HELP: HelpConfiguration = {
  visibleCommands(command) {
    const visible = usual.visibleCommands(command);
    if (command.parent !== null) return visible;
    return visible.toSorted((one, other) => placeOf(one) - placeOf(other));
  },
  // Its groups come in the order of what they hold.
  groupItems: <T extends Command | Option>(
    _: T[],
    visible: T[],
    groupOf: (item: T) => string,
  ) => usual.groupItems(visible, visible, groupOf),
  // `--help` and `--version` would be above the commands.
  visibleOptions: (command) => command.parent === null ? [] : usual.visibleOptions(command),
  // Without `[options]`, which nearly all have.
  subcommandTerm: (command) => usual.subcommandTerm(command).replace(" [options]", ""),
};

function placeOf(command: Command): number {
  const place = ORDER.indexOf(command.name());
  return place < 0 ? ORDER.length : place;
}
