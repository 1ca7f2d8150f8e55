/**
 * Which answers the practice orgs of the end-to-end tests give to the questions that nobody could settle.
 * SF_ECA_TEST_VARIANTS names them, such as `no-scopes=refused pkce-sticky=no`. Otherwise the orgs give their first
 * answers.
 */
export const variants: Record<string, string> = Object.fromEntries(
  (process.env.SF_ECA_TEST_VARIANTS ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((text) => {
      const [name = '', answer = ''] = text.split('=');
      return [name, answer];
    }),
);

/** The same for the command line of `eca practice start`. */
export const variantFlags: string[] = Object.entries(variants).flatMap(([name, answer]) => [
  '--variant',
  `${name}=${answer}`,
]);
