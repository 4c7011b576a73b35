/** Checks what a definition says about a file that is fetched from elsewhere. */
import { parseByteSize } from "../byte_size.ts";
import { REMOTE_SCHEMES, type RemoteType } from "../source_rule.ts";
import { nearest } from "../nearest.ts";
import type { Path, Problems } from "../problem.ts";
import type { ParsedDefinition } from "../schema.ts";

type Source = NonNullable<ParsedDefinition["source"]>;

export function isRemoteType(type: string | undefined): type is RemoteType {
  return type !== undefined && Object.hasOwn(REMOTE_SCHEMES, type);
}

export function checkRemote(source: Source, problems: Problems): void {
  const { type, url, max_download: size } = source;
  if (!isRemoteType(type)) {
    refuseRemoteKeys(source, problems);
    return;
  }
  if (url === undefined) {
    problems.missing(["source", "url"], `the address of the file that \`type: ${type}\` fetches`);
  } else checkAddress(type, url, problems);
  if (size !== undefined && parseByteSize(size) === null) {
    problems.wrong(["source", "max_download"], size, "a size such as 20GB");
  }
  const names = checkNames(source.env ?? [], problems);
  if (url !== undefined) checkVariables(["source", "url"], url, names, problems);
  if (source.key !== undefined) {
    if (type !== "sftp") {
      problems.add(["source", "key"], {
        found: `type ${type}`,
        expected: "type: sftp",
        sentence: "needs `type: sftp`",
      });
    } else checkVariables(["source", "key"], source.key, names, problems);
  }
  checkHeaders(source, names, problems);
}

/** What a definition says about a file that is not fetched. */
function refuseRemoteKeys(source: Source, problems: Problems): void {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//iu.exec(source.url ?? "")?.[1]?.toLowerCase();
  const [type = "url"] = Object.entries(REMOTE_SCHEMES)
    .find(([, schemes]) => (schemes as readonly string[]).includes(scheme ?? "")) ?? [];
  for (const key of ["url", "headers", "key", "env", "max_download"] as const) {
    if (source[key] === undefined) continue;
    const wanted = key === "key" ? "sftp" : type;
    problems.add(["source", key], {
      found: `type ${source.type ?? "upload"}`,
      expected: `type: ${wanted}`,
      sentence: `needs \`type: ${wanted}\``,
    });
  }
}

function checkAddress(type: RemoteType, url: string, problems: Problems): void {
  const path = ["source", "url"];
  const schemes: readonly string[] = REMOTE_SCHEMES[type];
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//iu.exec(url)?.[1]?.toLowerCase();
  // All of the address may be a variable.
  if (scheme === undefined && url.startsWith("${")) return;
  if (scheme === undefined || !schemes.includes(scheme)) {
    const begins = schemes.map((one) => `${one}://`).join(" or ");
    problems.add(path, {
      found: scheme === undefined ? "no scheme" : `${scheme}://`,
      expected: `an address that begins with ${begins}`,
    });
    return;
  }
  if (type === "sftp" && /^[^/]+:\/\/[^/@?#]*:[^/?#]*@/u.test(url)) {
    problems.add(path, {
      found: "a password",
      expected: "a key",
      sentence:
        "has a password in it, which sftp doesn't take; name the file of a private key in `key`",
    });
    return;
  }
  const password = /^[^/]+:\/\/[^/@?#]*?:([^/?#]*)@/u.exec(url)?.[1];
  if (password !== undefined && !/^\$\{\w+\}$/u.test(password)) {
    problems.add(path, {
      found: "a password",
      expected: "a variable",
      sentence:
        "has a password in it, which everybody who sees the definition could read; put it " +
        "into an environment variable, name that in `env`, and write ${NAME} here",
    });
  }
}

function checkNames(names: readonly string[], problems: Problems): readonly string[] {
  for (const [index, name] of names.entries()) {
    if (/^[A-Za-z_]\w*$/u.test(name)) continue;
    problems.wrong(["source", "env", index], name, "the name of an environment variable");
  }
  return names;
}

/** Every `${…}` has to be one of the variables that the definition names. */
function checkVariables(
  path: Path,
  text: string,
  names: readonly string[],
  problems: Problems,
): void {
  for (const [whole, name] of text.matchAll(/\$\{([^}]*)\}/gu)) {
    if (names.includes(name)) continue;
    problems.add(path, {
      found: whole,
      expected: "a variable that `source.env` names",
      sentence: `${whole} is not named in \`source.env\`; add it there: env: [${name}]`,
      suggestion: nearest(name, names),
    });
  }
}

/** Headers that ingest sends itself, because it depends on them. */
const OWN_HEADERS = [
  ...["accept-encoding", "connection", "content-length", "host", "if-match", "if-modified-since"],
  ...["if-none-match", "if-range", "if-unmodified-since", "range", "te", "trailer"],
  ...["transfer-encoding", "upgrade"],
];

const SECRET = /authorization|cookie|token|secret|password|credential|api-?key|signature/iu;

function checkHeaders(
  { type, headers = {} }: Source,
  names: readonly string[],
  problems: Problems,
): void {
  for (const [name, given] of Object.entries(headers)) {
    const path = ["source", "headers", name];
    const value = String(given);
    if (type !== "url") {
      problems.add(["source", "headers"], {
        found: `type ${type}`,
        expected: "type: url",
        sentence: "needs `type: url`",
      });
      return;
    }
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u.test(name)) {
      problems.wrong(["source", "headers"], name, "the name of a header, such as Authorization");
    } else if (OWN_HEADERS.includes(name.toLowerCase())) {
      problems.add(path, {
        found: name,
        expected: "another header",
        sentence: "is a header that ingest sends itself; leave it out",
      });
    } else if (/[\r\n\0]/u.test(value)) {
      problems.wrong(path, value, "text on one line");
    } else if (SECRET.test(name) && !value.includes("${")) {
      problems.add(path, {
        found: "a secret",
        expected: "a variable",
        sentence:
          "is a secret, which everybody who sees the definition could read; put it into an " +
          "environment variable, name that in `env`, and write ${NAME} here",
      });
    }
    checkVariables(path, value, names, problems);
  }
}
