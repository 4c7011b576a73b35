/** In which forms a file of failed rows is written. */

export const EXPORT_FORMS = ["csv", "xlsx"] as const;
export type ExportForm = (typeof EXPORT_FORMS)[number];

export const MEDIA_TYPES: Readonly<Record<ExportForm, string>> = {
  csv: "text/csv; charset=UTF-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
