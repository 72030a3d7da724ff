// Dates and times as the REST API writes them. Stored texts are always UTC with milliseconds, so they compare as text.

/** `2026-01-31T12:00:00.000+0000`: Salesforce keeps whole seconds, so changes of one second look simultaneous. */
export function datetimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -4)}000+0000`
}

export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Milliseconds of a datetime text in any of the forms the API accepts; undefined when it is none. */
export function parseDatetime(text: string): number | undefined {
  if (!DATETIME.test(text)) return undefined
  const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(ms) ? undefined : ms
}

/** The date text itself when it names a real day. A datetime is cut to its day, as the API does. */
export function parseDate(text: string): string | undefined {
  if (DATE.test(text)) {
    const ms = Date.parse(text)
    return !Number.isNaN(ms) && dateText(ms) === text ? text : undefined
  }
  const ms = parseDatetime(text)
  return ms === undefined ? undefined : dateText(ms)
}
