/** What may stand where the cursor is. Decided from words alone, without files or a database. */
import type { Command, Option } from "commander";
import { parseCodes, parseGroups, parseNames } from "../arguments.ts";
import { type Referent, referentOfArgument, referentOfOption } from "./referents.ts";

export interface Asked {
  readonly what: Referent;
  /** The part of the word that stays in front of every candidate: `--column=email,`. */
  readonly lead: string;
  /** What is typed of the candidate itself. */
  readonly typed: string;
  /** The command that the line is about. */
  readonly command: Command;
  readonly options: readonly GivenOption[];
  readonly positionals: readonly string[];
}

export interface GivenOption {
  readonly option: Option;
  /** Empty for a flag without one. */
  readonly value: string;
}

const NOTHING: Referent = { kind: "nothing" };

/** `words`: those before the current one, without the program's name. */
export function whatIsAsked(program: Command, words: readonly string[], word: string): Asked {
  if (words[0] === "help") {
    const named = whatIsAsked(program, words.slice(1), word);
    return named.what.kind === "commands" ? named : { ...named, what: NOTHING };
  }
  const { command, options, positionals, pending, onlyPositionals } = readWords(program, words);
  const found = { lead: "", typed: word, command: command ?? program, options, positionals };
  if (command === null) return { ...found, what: NOTHING };
  if (pending !== null && !(pending.optional && word.startsWith("-"))) {
    return valueOf(pending, word, "", found);
  }
  if (!onlyPositionals && word.startsWith("-")) {
    const [, name, value] = /^(--[^=]+)=(.*)$/su.exec(word) ?? [];
    if (name === undefined) return { ...found, what: { kind: "flags" } };
    const option = findOption(command, name);
    if (option === null || !takesValue(option)) return { ...found, what: NOTHING };
    return valueOf(option, value, `${name}=`, found);
  }
  if (command.commands.length > 0) return { ...found, what: { kind: "commands" } };
  const { registeredArguments: known } = command;
  const argument = known.at(positionals.length) ?? known.filter((one) => one.variadic).at(-1);
  if (argument !== undefined) return { ...found, what: referentOfArgument(argument) };
  return { ...found, what: word === "" ? { kind: "flags" } : NOTHING };
}

/** A list is completed behind its last comma. */
function valueOf(option: Option, value: string, lead: string, found: Omit<Asked, "what">): Asked {
  const before = LISTS.some((parse) => parse === option.parseArg)
    ? /^(?:"(?:[^"]|"")*"|[^",][^,]*)?,/u
    : /^/u;
  let at = 0;
  for (;;) {
    const part = before.exec(value.slice(at))?.[0] ?? "";
    if (part === "") break;
    at += part.length;
  }
  return {
    ...found,
    what: referentOfOption(option),
    lead: lead + value.slice(0, at),
    typed: value.slice(at),
  };
}

const LISTS: readonly unknown[] = [parseNames, parseGroups, parseCodes];

interface Words {
  /** Null: there is no such command. */
  readonly command: Command | null;
  readonly options: readonly GivenOption[];
  readonly positionals: readonly string[];
  /** The option whose value comes next. */
  readonly pending: Option | null;
  /** `--` was before. */
  readonly onlyPositionals: boolean;
}

function readWords(program: Command, words: readonly string[]): Words {
  const options: GivenOption[] = [];
  const positionals: string[] = [];
  let command: Command | null = program;
  let pending: Option | null = null;
  let onlyPositionals = false;
  for (const word of words) {
    if (pending !== null && !(pending.optional && word.startsWith("-"))) {
      options.push({ option: pending, value: word });
      pending = null;
    } else if (onlyPositionals) positionals.push(word);
    else if (word === "--") onlyPositionals = true;
    else if (word.startsWith("-") && word !== "-") {
      if (pending !== null) options.push({ option: pending, value: "" });
      const flags = readFlags(command, word);
      options.push(...flags.options);
      pending = flags.pending;
    } else if (command.commands.length > 0) {
      command = findCommand(command, word);
      if (command === null) break;
    } else positionals.push(word);
  }
  return { command, options, positionals, pending, onlyPositionals };
}

function findCommand(command: Command, name: string): Command | null {
  return command.commands.find((one) => one.name() === name) ?? null;
}

/** `--file`, `--file=x`, `-f`, `-qf`, `-fx` */
function readFlags(
  command: Command,
  word: string,
): { readonly options: readonly GivenOption[]; readonly pending: Option | null } {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const option = findOption(command, equals < 0 ? word : word.slice(0, equals));
    if (option === null) return { options: [], pending: null };
    if (equals < 0 && takesValue(option)) return { options: [], pending: option };
    return {
      options: [{ option, value: equals < 0 ? "" : word.slice(equals + 1) }],
      pending: null,
    };
  }
  const options: GivenOption[] = [];
  for (let at = 1; at < word.length; at++) {
    const option = findOption(command, `-${word[at]}`);
    if (option === null) break;
    if (takesValue(option)) {
      const value = word.slice(at + 1);
      if (value === "") return { options, pending: option };
      return { options: [...options, { option, value }], pending: null };
    }
    options.push({ option, value: "" });
  }
  return { options, pending: null };
}

function findOption(command: Command, name: string): Option | null {
  return command.options.find(({ long, short }) => long === name || short === name) ?? null;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}
