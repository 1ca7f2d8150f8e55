const NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Is a URL's host this machine? Only there Salesforce takes a callback URL of plain http. */
export const isThisMachine = ({ hostname }: URL): boolean => NAMES.has(hostname);
