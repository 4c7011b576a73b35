/** Makes zip archives, also such as no program makes: each number in them can be chosen. */
import { crc32, deflateRawSync } from "node:zlib";
import { joined, toBytes, uint16, uint32 } from "./bytes.ts";

export interface Made {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly stored?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packedSize?: number;
  /** Where the list says that the member is. */
  readonly headerAt?: number;
  readonly extra?: Uint8Array;
}

export interface MadeEnd {
  readonly disk?: number;
  readonly count?: number;
  /** After and before the archive. */
  readonly after?: Uint8Array;
  readonly before?: Uint8Array;
  readonly comment?: string;
}

export function makeZip(members: readonly Made[], end: MadeEnd = {}): Uint8Array<ArrayBuffer> {
  const files: Uint8Array[] = [];
  const list: Uint8Array[] = [];
  let at = 0;
  for (const member of members) {
    const content = toBytes(member.content ?? "");
    const name = toBytes(member.name);
    const data = member.stored ? content : new Uint8Array(deflateRawSync(content));
    const fields = [
      uint16(20),
      uint16(member.flags ?? 0),
      uint16(member.method ?? (member.stored ? 0 : 8)),
      uint32(0),
      uint32(member.crc ?? crc32(content)),
      uint32(member.packedSize ?? data.length),
      uint32(member.size ?? content.length),
      uint16(name.length),
    ];
    const extra = member.extra ?? new Uint8Array();
    const local = joined(uint32(0x04034b50), ...fields, uint16(0), name, data);
    list.push(joined(
      uint32(0x02014b50),
      uint16(20),
      ...fields,
      uint16(extra.length),
      new Uint8Array(10),
      uint32(member.headerAt ?? at),
      name,
      extra,
    ));
    files.push(local);
    at += local.length;
  }
  const directory = joined(...list);
  const comment = toBytes(end.comment ?? "");
  return joined(
    end.before ?? new Uint8Array(),
    ...files,
    directory,
    uint32(0x06054b50),
    uint16(end.disk ?? 0),
    uint16(0),
    uint16(end.count ?? members.length),
    uint16(end.count ?? members.length),
    uint32(directory.length),
    uint32(at),
    uint16(comment.length),
    comment,
    end.after ?? new Uint8Array(),
  );
}
