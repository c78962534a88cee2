interface FieldBounds {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

interface Field {
  readonly values: ReadonlySet<number>;
  /** Whether the field was left open (`*` or `?` without a step); days are joined with "or" only if neither was. */
  readonly open: boolean;
}

interface DayFields {
  readonly dayOfMonth: Field;
  readonly month: Field;
  readonly dayOfWeek: Field;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE: FieldBounds = { first: 0, last: 59 };
const HOUR: FieldBounds = { first: 0, last: 23 };
const DAY_OF_MONTH: FieldBounds = { first: 1, last: 31 };
const MONTH: FieldBounds = { first: 1, last: 12, names: MONTHS };
const DAY_OF_WEEK: FieldBounds = { first: 0, last: 6, names: WEEKDAYS };

const MACROS = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

const SECONDS = new Map([
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]);
const MINUTES_A_DAY = 1440;
/** After 400 years of the Gregorian calendar dates fall on the same weekdays again. */
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;
const CYCLE_START = { year: 2000, weekday: 6 };

/**
 * The longest time between two runs of a CronJob's `schedule`, in seconds and without daylight saving; undefined where
 * the text is not a schedule or never comes up (30 February).
 * Source: https://github.com/robfig/cron v3, parser.go, which Kubernetes uses.
 */
export function longestGapSeconds(schedule: string): number | undefined {
  const text = schedule.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, '');
  if (text.startsWith('@every ')) return parseDurationSeconds(text.slice('@every '.length).trim());
  const parts = (MACROS.get(text) ?? text).split(/\s+/);
  if (parts.length !== 5) return undefined;
  const [minute, hour, dayOfMonth, month, dayOfWeek] = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK].map(
    (bounds, index) => parseField(parts[index] ?? '', bounds),
  );
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek) return undefined;
  const dayGap = longestDayGap({ dayOfMonth, month, dayOfWeek });
  return dayGap === undefined ? undefined : longestMinuteGap(minute.values, hour.values, dayGap) * 60;
}

/** The longest gap in minutes, given that days of runs lie up to `dayGap` days apart. */
function longestMinuteGap(minutes: ReadonlySet<number>, hours: ReadonlySet<number>, dayGap: number): number {
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute));
  times.sort((left, right) => left - right);
  const [first = 0] = times;
  const overnight = dayGap * MINUTES_A_DAY - (times.at(-1) ?? 0) + first;
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), overnight);
}

function longestDayGap(fields: DayFields): number | undefined {
  if (fields.month.values.size === 12 && fields.dayOfMonth.open && fields.dayOfWeek.open) return 1;
  let first: number | undefined;
  let previous: number | undefined;
  let longest = 0;
  for (const day of matchingDays(fields)) {
    if (previous !== undefined) longest = Math.max(longest, day - previous);
    first ??= day;
    previous = day;
  }
  if (first === undefined || previous === undefined) return undefined;
  return Math.max(longest, first + CYCLE_DAYS - previous);
}

function* matchingDays(fields: DayFields): Generator<number> {
  let day = 0;
  for (let year = CYCLE_START.year; year < CYCLE_START.year + CYCLE_YEARS; year += 1) {
    for (let month = 1; month <= 12; month += 1) {
      const days = daysOf(month, year);
      for (let date = 1; date <= days && fields.month.values.has(month); date += 1) {
        if (runsOn(fields, date, (CYCLE_START.weekday + day + date - 1) % 7)) yield day + date - 1;
      }
      day += days;
    }
  }
}

function runsOn({ dayOfMonth, dayOfWeek }: DayFields, date: number, weekday: number): boolean {
  const onDate = dayOfMonth.values.has(date);
  const onWeekday = dayOfWeek.values.has(weekday);
  return dayOfMonth.open || dayOfWeek.open ? onDate && onWeekday : onDate || onWeekday;
}

function daysOf(month: number, year: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function parseField(text: string, bounds: FieldBounds): Field | undefined {
  const values = new Set<number>();
  let open = false;
  for (const member of text.split(',')) {
    const range = parseRange(member, bounds);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
    open ||= range.open;
  }
  return { values, open };
}

function parseRange(text: string, bounds: FieldBounds) {
  const [rangeText = '', stepText, surplus] = text.split('/');
  const [fromText = '', toText, second] = rangeText.split('-');
  const isStar = toText === undefined && (fromText === '*' || fromText === '?');
  const from = isStar ? bounds.first : parseValue(fromText, bounds);
  const to =
    isStar || (toText === undefined && stepText !== undefined) ? bounds.last : parseValue(toText ?? fromText, bounds);
  const step = stepText === undefined ? 1 : /^\d{1,4}$/.test(stepText) ? Number(stepText) : 0;
  if (from === undefined || to === undefined || from > to || step === 0) return undefined;
  if (surplus !== undefined || second !== undefined) return undefined;
  return { from, to, step, open: isStar && step === 1 };
}

function parseValue(text: string, bounds: FieldBounds): number | undefined {
  const name = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  if (name >= 0) return name + bounds.first;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= bounds.first && value <= bounds.last ? value : undefined;
}

/** A Go duration of hours, minutes and seconds (`1h30m`); runs are whole seconds, and at least one, apart. */
function parseDurationSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?[hms])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([hms])/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS.get(unit ?? '') ?? 0), 0);
  return Math.max(1, Math.floor(seconds));
}
