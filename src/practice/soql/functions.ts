/**
 * Functions of one field that return one value. They may stand wherever a field may stand: in SELECT, WHERE, GROUP BY
 * and ORDER BY. Dates are those of UTC; the fiscal year is the calendar's.
 */
const OF_DATES: Record<string, (at: Date) => number | string> = {
  CALENDAR_MONTH: (at) => at.getUTCMonth() + 1,
  CALENDAR_QUARTER: (at) => Math.floor(at.getUTCMonth() / 3) + 1,
  CALENDAR_YEAR: (at) => at.getUTCFullYear(),
  DAY_IN_MONTH: (at) => at.getUTCDate(),
  DAY_IN_WEEK: (at) => at.getUTCDay() + 1,
  DAY_IN_YEAR: (at) => dayInYear(at),
  DAY_ONLY: (at) => at.toISOString().slice(0, 10),
  FISCAL_MONTH: (at) => at.getUTCMonth() + 1,
  FISCAL_QUARTER: (at) => Math.floor(at.getUTCMonth() / 3) + 1,
  FISCAL_YEAR: (at) => at.getUTCFullYear(),
  HOUR_IN_DAY: (at) => at.getUTCHours(),
  WEEK_IN_MONTH: (at) => Math.ceil(at.getUTCDate() / 7),
  WEEK_IN_YEAR: (at) => Math.ceil(dayInYear(at) / 7),
};

/** Functions that give the field as it is: it has no other language, format or currency here. */
const AS_IT_IS = ['TOLABEL', 'FORMAT', 'CONVERTCURRENCY', 'CONVERTTIMEZONE'];

const dayInYear = (at: Date): number =>
  Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / (24 * 3600 * 1000)) + 1;

/** Does a function give one value for each record? Its name in any case. */
export const isFieldFunction = (name: string): boolean => isDateFunction(name) || AS_IT_IS.includes(name.toUpperCase());

export const isDateFunction = (name: string): boolean => name.toUpperCase() in OF_DATES;

/** The result of a function for a field's value. */
export const functionValue = (name: string, value: unknown): unknown => {
  const ofDate = OF_DATES[name.toUpperCase()];
  if (!ofDate) return value;
  return typeof value === 'string' ? ofDate(new Date(value)) : null;
};
