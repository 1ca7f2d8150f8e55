import type { DoctorCheck } from '../app/doctor.ts';
import { Messages } from '../salesforce.ts';
import { inWords } from './text.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.doctor');
const appMessages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** A finding of the doctor, in words. */
export type DoctorLine = { id: string; status: DoctorCheck['status']; detail: string; fix?: string };

/** Missing parts for an integration user have the same texts as the errors of a write. */
const getMessage = (key: string, values: string[]): string => {
  const error = /^(error\..+)\.fix$/.exec(key)?.[1];
  if (error) return appMessages.getMessages(`${error}.actions`).join(' ');
  return (key.startsWith('error.') ? appMessages : messages).getMessage(key, values);
};

export const doctorLine = ({ id, status, detail, fix }: DoctorCheck): DoctorLine => ({
  id,
  status,
  detail: inWords({ getMessage }, detail),
  ...(fix && { fix: inWords({ getMessage }, fix) }),
});
