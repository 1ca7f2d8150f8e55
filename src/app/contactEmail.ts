import { quotable, type Problem } from './problem.ts';

/**
 * Is this one e-mail address? Deliberately coarse: something, an @, a domain with a dot. Whether it exists, and the finer
 * rules, are the org's to say.
 */
export function checkContactEmail(email: string): Problem | undefined {
  return /^[^\s\p{C}@<>()[\],;:"\\]+@[^\s\p{C}@<>()[\],;:"\\.]+(?:\.[^\s\p{C}@<>()[\],;:"\\.]+)+$/u.test(email)
    ? undefined
    : { code: 'error.contactEmailInvalid', values: [quotable(email)], field: 'contactEmail' };
}
