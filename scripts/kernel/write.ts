/** Writes the two generated files, formatted as `deno fmt` would. */
import type { Enumeration, KernelFunction, KernelInterface, Structure } from "./describe.ts";

const HEAD =
  "// Made by scripts/kernel.ts from assembly/: change that, and run `scripts/deno task kernel`.";
const LINE_WIDTH = 100;

export function wasmModule(wasm: Uint8Array): string {
  const lines = wasm.toBase64().match(/.{1,94}/g) ?? [];
  return `${HEAD}

/** WebAssembly in base64, so that it is part of the compiled program. */
export const KERNEL =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}

export function contractModule(kernel: KernelInterface): string {
  const globals = kernel.globals.map((name) => `  readonly ${name}: KernelGlobal;\n`);
  return `${HEAD}

/** What assembly/index.ts exports, which says in which order it is used. */
export interface KernelExports {
${kernel.functions.map(method).join("\n")}
${globals.join("")}}

/** Says where the kernel stands; only the kernel sets it. */
export interface KernelGlobal {
  readonly value: number;
}
${kernel.enumerations.map(enumeration).join("")}
// Structures in the kernel's memory: their length in bytes, and where their fields lie.
${kernel.structures.map(structure).join("")}`;
}

function method({ name, comment, parameters, result }: KernelFunction): string {
  const list = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`);
  const line = `  ${name}(${list.join(", ")}): ${result};`;
  const signature = line.length <= LINE_WIDTH
    ? `${line}\n`
    : `  ${name}(\n${list.map((each) => `    ${each},\n`).join("")}  ): ${result};\n`;
  return commentBefore(comment) + signature;
}

function commentBefore(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  if (lines.length === 1) return `  /** ${lines[0]} */\n`;
  return `  /**\n${lines.map((line) => `   * ${line}\n`).join("")}   */\n`;
}

function enumeration({ name, members }: Enumeration): string {
  const constant = constantName(name);
  return `
export const ${constant} = {
${members.map((member) => `  ${member.name}: ${member.value},\n`).join("")}} as const;
export type ${name} = typeof ${constant}[keyof typeof ${constant}];
`;
}

function structure({ name, bytes, fields }: Structure): string {
  const lines = fields.map((field) =>
    `    ${field.name}: { at: ${field.at}, type: "${field.type}" },\n`
  );
  return `
export const ${constantName(name)} = {
  bytes: ${bytes},
  fields: {
${lines.join("")}  },
} as const;
`;
}

/** `BinaryType` becomes `BINARY_TYPE`. */
function constantName(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
