import { COMMAND_NAMES } from "./command_line.ts";
import { quoteForBash } from "./complete/bash_line.ts";
import { nearest } from "../importer/nearest.ts";
import { printable } from "./render/terminal_text.ts";

/** What people type who don't know the commands yet, and which command does that. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...to("run", ["import", "load", "copy", "upload", "start", "insert", "ingest", "go", "exec"]),
  ...to("status --watch", ["watch", "follow", "tail", "progress", "monitor"]),
  ...to("status", ["show", "info", "stat", "get"]),
  ...to("runs", ["history", "ls", "jobs", "ps", "log", "logs", "imports"]),
  ...to("list", ["importers", "definitions", "tables"]),
  ...to("errors", ["failures", "failed", "rejects", "explain", "why"]),
  ...to("errors --export failed.csv", ["export", "download"]),
  ...to("retry", ["fix", "repair", "rerun", "redo", "again"]),
  ...to("undo", ["rollback", "revert", "back"]),
  ...to("waive", ["ignore", "skip", "dismiss"]),
  ...to("cancel", ["stop", "abort", "kill", "pause"]),
  ...to("resume", ["continue", "restart", "recover", "rescue"]),
  ...to("check", ["validate", "lint", "preview", "inspect", "dry-run"]),
  ...to("delete", ["remove", "rm", "drop"]),
  ...to("prune", ["clean", "cleanup", "purge", "gc", "vacuum"]),
  ...to("serve", ["server", "http", "api", "web", "ui", "dashboard"]),
  ...to("work", ["worker", "workers", "daemon"]),
  ...to("migrate", ["migration", "migrations", "upgrade", "setup", "install"]),
  ...to("db", ["database", "postgres", "pg", "psql"]),
  ...to("token", ["tokens", "auth", "login", "key", "user"]),
  ...to("completions", ["completion", "complete", "autocomplete"]),
  ...to("overview", ["summary", "home", "today", "dash"]),
};

function to(command: string, words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, command]));
}

/** What to do instead of the command `word`, which doesn't exist. */
export function adviceFor(word: string): string {
  const name = word.toLowerCase();
  const shown = printable(word);
  if (/\.(?:csv|tsv|tab|txt|jsonl?|ndjson)(?:\.\w+)?$/u.test(name)) {
    const file = quoteForBash(shown, "");
    return `${shown} is a file. Load it: ingest run --table <table> --file ${file}`;
  }
  const command = Object.hasOwn(OTHER_WORDS, name)
    ? OTHER_WORDS[name]
    : COMMAND_NAMES.includes(name)
    ? name
    : nearest(name, COMMAND_NAMES);
  return `unknown command '${shown}'${
    command === null ? "; ingest --help lists them" : `; did you mean ${command}?`
  }`;
}
