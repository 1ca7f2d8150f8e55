import { CONNECTED_APP_FILE } from '../app/connected/connectedApp.ts';
import { readTextFiles, type TextFileKind } from './textFiles.ts';

const CONNECTED_APPS: TextFileKind = {
  names: CONNECTED_APP_FILE,
  // A file may hold a mobile app, as Base64.
  bytesMax: 20_000_000,
  tooLarge: 'file.metadataTooLarge',
  folderEmpty: 'file.connectedAppsMissing',
};

/** Reads the texts of files with Connected Apps, and of all such files in folders, as readTextFiles does. */
export const readConnectedAppFiles = (paths: string[]): ReturnType<typeof readTextFiles> =>
  readTextFiles(paths, CONNECTED_APPS);
