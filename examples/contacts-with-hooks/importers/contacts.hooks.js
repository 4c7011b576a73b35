import { digitsOf } from "./lib/phone.js";

/** The words of a name, the first letter of each as a capital. */
const words = (name) => name.split(/\s+/u).map((word) => word[0].toUpperCase() + word.slice(1));

export default ({ z }) => ({
  schema: z.object({ "E-Mail": z.string().trim().toLowerCase() }),
  beforeRow(row) {
    if (/\btest\b/iu.test(row.Name)) throw new Error("Test entries are not imported.");
  },
  columns: {
    first_name: (name) => words(name).slice(0, -1).join(" ") || null,
    last_name: (name) => words(name).at(-1),
    phone: (phone) => phone === null ? null : digitsOf(phone),
  },
  async afterBatch({ rows, numbers, sql }) {
    await sql`insert into contact_imports values (${numbers.at(-1)}, ${rows.length})`;
  },
});
