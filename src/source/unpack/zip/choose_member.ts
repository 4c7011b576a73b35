/** Which member of a zip archive is meant: the one that the definition names, or the only table. */
import { SourceError } from "../../error.ts";
import type { ZipMember } from "./directory.ts";

/** How many names a message has. */
const NAMED = 10;
/** How many names a page can offer. */
const MOST_CHOICES = 200;
/** Longer names are cut. */
const LONGEST_NAME = 100;

/** What systems put into archives beside the files that somebody packs. */
const NOT_MEANT = /(?:^|\/)(?:__MACOSX\/.*|\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$/iu;
const TABLE = /\.(?:csv|tsv|tab|psv|json|ndjson|jsonl|xlsx|dat)(?:\.(?:gz|gzip|zst|zip))?$/iu;

export interface Choice {
  readonly member: ZipMember;
  /** What else is there and isn't read, in a sentence; null if nothing is. */
  readonly note: string | null;
}

/**
 * `wanted`: a name or a pattern with `*` and `?`. `name`: the archive's. Throws SourceError if none
 * is meant, or several may be.
 */
export function chooseMember(
  members: readonly ZipMember[],
  wanted: string | null,
  name: string,
): Choice {
  const files = members.filter((member) => !member.isFolder);
  const meant = wanted === null
    ? files.filter((member) => !NOT_MEANT.test(member.name))
    : wantedFrom(files, wanted);
  const tables = meant.length > 1 && wanted === null
    ? meant.filter((member) => TABLE.test(member.name))
    : meant;
  if (tables.length === 1) {
    const others = wanted === null ? meant.filter((member) => member !== tables[0]) : [];
    return { member: tables[0], note: others.length === 0 ? null : notRead(tables[0], others) };
  }
  const refuse = (why: string, from: readonly ZipMember[] = []) =>
    new SourceError(`Cannot import ${name}: ${why}`, {
      ...from.length > 0 && {
        choice: { setting: "member", names: from.slice(0, MOST_CHOICES).map(({ name }) => name) },
      },
    });
  if (files.length === 0) throw refuse("the zip archive is empty. Get it again, or zip it anew.");
  if (wanted !== null && meant.length === 0) {
    throw refuse(
      `it has no member ${shown(wanted)}, as source.member says. It has ${listed(files)}.`,
      files,
    );
  }
  const which = wanted === null ? "it has several files" : `${shown(wanted)} means several files`;
  const from = tables.length === 0 ? (meant.length === 0 ? files : meant) : tables;
  throw refuse(
    `${which}: ${listed(from)}. Name one as source.member in the definition, or --member.`,
    from,
  );
}

/** A name is that of one member; a pattern without a slash means the last part of names. */
function wantedFrom(files: readonly ZipMember[], wanted: string): readonly ZipMember[] {
  const exact = files.filter(({ name }) => name === wanted);
  if (exact.length > 0) return exact.slice(0, 1);
  const lastPart = (name: string) => name.slice(name.lastIndexOf("/") + 1);
  return files.filter(({ name }) =>
    matches(wanted, wanted.includes("/") ? name : lastPart(name)) && !NOT_MEANT.test(name)
  );
}

/** `*` stands for any letters but slashes, `?` for one. Takes no longer than both lengths multiplied. */
function matches(pattern: string, name: string): boolean {
  let [at, star, tried] = [0, -1, 0];
  for (let i = 0; i < name.length;) {
    if (pattern[at] === "*") [star, tried] = [at++, i];
    else if (at < pattern.length && (pattern[at] === name[i] || isAny(pattern[at], name[i]))) {
      at++;
      i++;
    } else if (star !== -1 && name[tried] !== "/") [at, i] = [star + 1, ++tried];
    else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

function isAny(letter: string, found: string): boolean {
  return letter === "?" && found !== "/";
}

function notRead(member: ZipMember, others: readonly ZipMember[]): string {
  return `Of the zip archive, only ${shown(member.name)} is read, and not ${listed(others)}.`;
}

function listed(members: readonly ZipMember[]): string {
  const names = members.slice(0, NAMED).map(({ name }) => shown(name));
  const more = members.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more.toLocaleString("en-US")} more` : "");
}

function shown(name: string): string {
  return JSON.stringify(name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`);
}
