import { commandLine } from '../app/commandLine.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { valueFlag } from './flags.ts';

const messages = texts('eca.create');

/** The basic details of an app, for the command that creates an app and the command that changes one. */
export const BASIC_FLAGS = {
  label: Flags.string({
    char: 'l',
    summary: messages.getMessage('flags.label.summary'),
    description: messages.getMessage('flags.label.description'),
  }),
  'contact-email': Flags.string({
    char: 'e',
    summary: messages.getMessage('flags.contact-email.summary'),
    description: messages.getMessage('flags.contact-email.description'),
  }),
  description: Flags.string({ char: 'd', summary: messages.getMessage('flags.description.summary') }),
  'contact-phone': Flags.string({ summary: messages.getMessage('flags.contact-phone.summary') }),
  'info-url': Flags.string({ summary: messages.getMessage('flags.info-url.summary') }),
  'logo-url': Flags.string({ summary: messages.getMessage('flags.logo-url.summary') }),
  'icon-url': Flags.string({ summary: messages.getMessage('flags.icon-url.summary') }),
  'distribution-state': valueFlag(
    ['local', 'packaged'] as const,
    messages.getMessage('flags.distribution-state.summary'),
    { description: messages.getMessage('flags.distribution-state.description') },
  ),
};

/** The basic details that were given, as a user types them. */
export const basicsInWords = (flags: { [Flag in keyof typeof BASIC_FLAGS]?: string }): string =>
  commandLine(
    (Object.keys(BASIC_FLAGS) as Array<keyof typeof BASIC_FLAGS>).flatMap((flag) =>
      flags[flag] === undefined ? [] : [`--${flag}`, flags[flag]],
    ),
  );
