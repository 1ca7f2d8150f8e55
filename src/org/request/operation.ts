import { textsUnder } from '../../texts.ts';

/**
 * What an org is asked for, in words that errors go on with after "while": the texts of messages/org.md under `doing`. The values are
 * what it is done with, such as an app's name.
 */
export const operation = textsUnder('org', 'doing');
