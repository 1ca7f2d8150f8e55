import { type Problem, quotable } from './problem.ts';

/**
 * Is this one e-mail address? The check is coarse on purpose: some text, an @, a domain with a dot. The org checks
 * whether the address exists, and the finer rules.
 */
export const checkContactEmail = (email: string): Problem | undefined =>
  /^[^\s\p{C}@<>()[\],;:"\\]+@[^\s\p{C}@<>()[\],;:"\\.]+(?:\.[^\s\p{C}@<>()[\],;:"\\.]+)+$/u.test(email)
    ? undefined
    : { code: 'error.contactEmailInvalid', values: [quotable(email)], field: 'contactEmail' };
