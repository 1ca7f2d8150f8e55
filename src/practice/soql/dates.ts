import { malformed } from './errors.ts';

/** A span of time in milliseconds since 1970: from the first one on, up to but without the last one. */
export type Span = { from: number; to: number };

const DAY = 24 * 3600 * 1000;

type Unit = 'DAYS' | 'WEEKS' | 'MONTHS' | 'QUARTERS' | 'YEARS';

/** Where the unit that holds a moment begins, some units on or back. Weeks begin on Sunday. */
const startOf = (unit: Unit, at: Date, shift = 0): number => {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (unit) {
    case 'DAYS':
      return Date.UTC(year, month, day + shift);
    case 'WEEKS':
      return Date.UTC(year, month, day - at.getUTCDay() + shift * 7);
    case 'MONTHS':
      return Date.UTC(year, month + shift, 1);
    case 'QUARTERS':
      return Date.UTC(year, month - (month % 3) + shift * 3, 1);
    case 'YEARS':
      return Date.UTC(year + shift, 0, 1);
  }
};

const NAMED: Record<string, (now: Date) => Span> = {
  TODAY: (now) => units('DAYS', now, 0, 1),
  YESTERDAY: (now) => units('DAYS', now, -1, 0),
  TOMORROW: (now) => units('DAYS', now, 1, 2),
  LAST_90_DAYS: (now) => units('DAYS', now, -90, 1),
  NEXT_90_DAYS: (now) => units('DAYS', now, 1, 91),
};
// The fiscal year is the calendar's, as in an org that nobody has set otherwise.
for (const unit of ['WEEK', 'MONTH', 'QUARTER', 'YEAR', 'FISCAL_QUARTER', 'FISCAL_YEAR']) {
  const plain = `${unit.replace('FISCAL_', '')}S` as Unit;
  NAMED[`THIS_${unit}`] = (now) => units(plain, now, 0, 1);
  NAMED[`LAST_${unit}`] = (now) => units(plain, now, -1, 0);
  NAMED[`NEXT_${unit}`] = (now) => units(plain, now, 1, 2);
}

const units = (unit: Unit, now: Date, first: number, beyond: number): Span => ({
  from: startOf(unit, now, first),
  to: startOf(unit, now, beyond),
});

/** The span that a date, a date and time, or a date literal such as `LAST_N_DAYS:3` stands for. */
export const dateRange = (text: string, now: Date): Span => {
  const named = NAMED[text.toUpperCase()];
  if (named) return named(now);
  const counted = /^(LAST|NEXT)_N_(?:FISCAL_)?(DAYS|WEEKS|MONTHS|QUARTERS|YEARS):(\d+)$/i.exec(text);
  if (counted) {
    const [, way = '', unit = '', count] = counted.map((part) => part.toUpperCase());
    const many = Number(count);
    if (way === 'NEXT') return units(unit as Unit, now, 1, many + 1);
    return units(unit as Unit, now, -many, unit === 'DAYS' ? 1 : 0);
  }
  const ago = /^N_(?:FISCAL_)?(DAYS|WEEKS|MONTHS|QUARTERS|YEARS)_AGO:(\d+)$/i.exec(text);
  if (ago) return units((ago[1] ?? '').toUpperCase() as Unit, now, -Number(ago[2]), 1 - Number(ago[2]));
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw malformed(`unexpected token: '${text}'`);
  return /T/i.test(text) ? { from: at, to: at + 1 } : { from: at, to: at + DAY };
};
