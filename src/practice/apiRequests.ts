import type { PracticeOrg } from './org.ts';

/** Calls that an org may make in 24 hours: a Developer Edition's, and an Enterprise Edition's with 10 Salesforce licences. */
const DEVELOPER_EDITION = 15_000;
const ENTERPRISE_EDITION = 110_000;

const HOUR = 3600 * 1000;
const WINDOW_HOURS = 24;

/** The org's daily API requests: the limit and the count, in the last 24 hours as Salesforce counts them. */
export class ApiRequests {
  readonly max: number;
  readonly #org: PracticeOrg;
  /** Calls by the hour in which they came. */
  readonly #byHour = new Map<number, number>();

  constructor(org: PracticeOrg) {
    this.#org = org;
    this.max = org.production ? ENTERPRISE_EDITION : DEVELOPER_EDITION;
  }

  used(): number {
    const oldest = this.#hour() - WINDOW_HOURS;
    for (const hour of this.#byHour.keys()) if (hour <= oldest) this.#byHour.delete(hour);
    return [...this.#byHour.values()].reduce((sum, calls) => sum + calls, 0);
  }

  remaining(): number {
    return Math.max(0, this.max - this.used());
  }

  /** Counts one call; false when the org had none left. */
  take(): boolean {
    if (this.remaining() === 0) return false;
    this.#count(1);
    return true;
  }

  /** Uses up calls, or forgets some, until this many are left. */
  leave(remaining: number): void {
    this.#byHour.clear();
    this.#count(this.max - Math.min(Math.max(0, remaining), this.max));
  }

  #count(calls: number): void {
    this.#byHour.set(this.#hour(), (this.#byHour.get(this.#hour()) ?? 0) + calls);
  }

  #hour(): number {
    return Math.floor(this.#org.now().getTime() / HOUR);
  }
}
