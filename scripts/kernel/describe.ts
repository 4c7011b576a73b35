/**
 * Describes what a caller of the kernel has to know: everything that assembly/index.ts exports.
 * The compiler is asked for it, so that no number is typed by hand.
 */
import type { DeclaredElement, Program, TypeNode } from "assemblyscript";
import { ClassPrototype, Enum, FunctionPrototype, Global, PropertyPrototype } from "assemblyscript";
import type { CompiledKernel } from "./compile.ts";

export interface KernelInterface {
  readonly enumerations: readonly Enumeration[];
  readonly structures: readonly Structure[];
  readonly functions: readonly KernelFunction[];
  /** Names of variables. */
  readonly globals: readonly string[];
}

export interface Enumeration {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly value: number }[];
}

export interface Structure {
  readonly name: string;
  readonly bytes: number;
  readonly fields: readonly Field[];
}

/** `at`: in bytes, from the structure's beginning. */
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly type: "bool" | "u8" | "u32" | "i32" | "f64";
}

/** Types are those of TypeScript. */
export interface KernelFunction {
  readonly name: string;
  /** Lines of the comment on it. */
  readonly comment: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly result: string;
}

/** Addresses have 32 bits; an enumeration is an i32. */
const FIELD_TYPES: ReadonlyMap<string, Field["type"]> = new Map([
  ["bool", "bool"],
  ["u8", "u8"],
  ["u32", "u32"],
  ["usize", "u32"],
  ["i32", "i32"],
  ["f64", "f64"],
]);

/** What WebAssembly takes and gives as numbers. */
const NUMBERS: readonly string[] = ["u8", "u32", "usize", "i32", "f64"];

/** Lists are in the order of the exports. Throws Error for an export that no caller could use. */
export function describeKernel({ program, wasm }: CompiledKernel): KernelInterface {
  const exported = [...program.filesByName.get("index")?.exports ?? []];
  const constants = readGlobals(wasm);
  const enumerations: Enumeration[] = [];
  const structures: Structure[] = [];
  const prototypes: [name: string, prototype: FunctionPrototype][] = [];
  const globals: string[] = [];
  for (const [name, element] of exported) {
    if (element instanceof Enum) enumerations.push(describeEnum(name, element, constants));
    else if (element instanceof ClassPrototype) structures.push(describe(program, name, element));
    else if (element instanceof FunctionPrototype) prototypes.push([name, element]);
    else if (element instanceof Global) globals.push(name);
    else throw new Error(`${name} is exported, and no function, variable, enumeration or class`);
  }
  const names = enumerations.map(({ name }) => name);
  const functions = prototypes.map(([name, prototype]) => ({
    name,
    comment: commentOn(prototype),
    parameters: prototype.functionTypeNode.parameters.map((parameter) => ({
      name: parameter.name.text,
      type: typeScriptType(parameter.type, names, "boolean"),
    })),
    result: typeScriptType(prototype.functionTypeNode.returnType, names, "0 | 1"),
  }));
  return { enumerations, structures, functions, globals };
}

/** Runs the kernel and reads its globals, among which are the members of enumerations. */
function readGlobals(wasm: Uint8Array<ArrayBuffer>): ReadonlyMap<string, number> {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
  return new Map(
    Object.entries(exports).flatMap(([name, item]) =>
      item instanceof WebAssembly.Global ? [[name, item.value]] : []
    ),
  );
}

function describeEnum(
  name: string,
  { members }: Enum,
  globals: ReadonlyMap<string, number>,
): Enumeration {
  return {
    name,
    members: [...members?.keys() ?? []].map((member) => {
      const value = globals.get(`${name}.${member}`);
      if (value === undefined) throw new Error(`${name}.${member} has no value`);
      return { name: member, value };
    }),
  };
}

function describe(program: Program, name: string, prototype: ClassPrototype): Structure {
  const layout = program.resolver.resolveClass(prototype, null);
  if (layout === null) throw new Error(`${name} has no layout`);
  const fields = [...layout.members ?? []].map(([field, member]) => {
    const instance = member instanceof PropertyPrototype ? member.instance : null;
    const type = FIELD_TYPES.get(String(instance?.type));
    if (!instance?.isField || type === undefined) {
      throw new Error(`${name}.${field} is no field of a type that a caller can write`);
    }
    return { name: field, at: instance.memoryOffset, type };
  });
  return { name, bytes: layout.nextMemoryOffset, fields };
}

/** The comment at the end of a text; only directives and decorators may follow it. */
const COMMENT = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:\/\/.*\n\s*|@\w+\s+)*$/;

function commentOn({ declaration: { range } }: DeclaredElement): readonly string[] {
  const comment = COMMENT.exec(range.source.text.slice(0, range.start))?.[1] ?? "";
  return comment.split("\n").map((line) => line.replace(/^ *\*/, "").trim())
    .filter((line) => line !== "");
}

/** `bool`: the type that JavaScript has in place of AssemblyScript's bool. */
function typeScriptType(node: TypeNode, enumerations: readonly string[], bool: string): string {
  const type = node.range.toString();
  if (type === "void" || enumerations.includes(type)) return type;
  if (type === "bool") return bool;
  if (NUMBERS.includes(type)) return "number";
  throw new Error(`A caller can neither give nor get a value of the type ${type}`);
}
