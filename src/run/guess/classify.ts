/** From a text of a file to all that it may be. */
import { emailProgram } from "../../row/types/email.ts";
import { urlProgram } from "../../row/types/text.ts";
import { uuidProgram } from "../../row/types/uuid.ts";
import { type Form, formOf, type OtherKind, TEXT } from "./form.ts";
import { momentForm } from "./moment_forms.ts";
import { numberForm } from "./number_forms.ts";

const email = emailProgram();
const url = urlProgram();
const uuid = uuidProgram(false);

const OTHERS = {
  email: other("email"),
  url: other("url"),
  uuid: other("uuid"),
  json: other("json"),
};

/** What isn't read to see whether it is JSON. */
const LONGEST_JSON = 1_000_000;

/** Most numbers of most files. */
const PLAIN_WHOLE = numberForm("12")!;

/** `text`: without blanks around it, and not empty. */
export function classify(text: string): Form {
  if (/^[1-9]\d{0,17}$/u.test(text)) return PLAIN_WHOLE;
  // What has neither digits nor punctuation of these is a word.
  if (!/[\d@:{[]/u.test(text)) return TEXT;
  return numberForm(text) ?? momentForm(text) ?? otherForm(text) ?? TEXT;
}

function otherForm(text: string): Form | null {
  if (text.includes("@") && email.parse(text) !== null) return OTHERS.email;
  if (text.includes("://") && url.parse(text) !== null) return OTHERS.url;
  if (text.length >= 32 && text.length <= 38 && uuid.parse(text) !== null) return OTHERS.uuid;
  if (/^[{[]/u.test(text) && text.length <= LONGEST_JSON && isJson(text)) return OTHERS.json;
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function other(type: OtherKind["type"]): Form {
  return formOf({ kinds: [{ type, id: type }], isLossy: false, needs: [], hasZone: false });
}
