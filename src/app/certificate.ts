/** Time enough to have a certificate renewed, and every client with it. */
const thirtyDays = 30 * 24 * 3_600_000;

/** Does a certificate end soon enough to be worth a warning, or has it ended? */
export const endsSoon = (expires: Date, now = Date.now()): boolean => expires.getTime() - now < thirtyDays;
