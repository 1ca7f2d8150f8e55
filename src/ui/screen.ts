/**
 * What the pieces of ui/ need of a command: each takes the part of it that it uses. SfCommand is one. Under `--json` all of it is
 * silent but `warn`.
 */
export type Screen = {
  config: { bin: string };
  /** With colons, such as `eca:oauth:set`. */
  id?: string;
  argv: string[];
  jsonEnabled(): boolean;
  confirm(question: { message: string; ms: number }): Promise<boolean>;
  /** Goes to stdout. */
  log(message?: string): void;
  logSuccess(message: string): void;
  logToStderr(message?: string): void;
  warn(input: { name: string; message: string; actions?: string[] }): unknown;
  table(options: {
    data: Array<Record<string, string>>;
    columns: Array<{ key: string; name: string }>;
    overflow: 'wrap';
  }): void;
  spinner: {
    start(action: string, status?: string): void;
    stop(message?: string): void;
    status: string | undefined;
  };
};
