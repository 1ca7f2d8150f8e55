/** The exit codes of the commands. They are a contract with scripts. */
export const EXIT_CODE_FOR = {
  success: 0,
  failure: 1,
  /** Flags, answers or files of the user cannot be right. oclif has the same code for flags that it refuses. */
  wrongFlags: 2,
  /** `--detailed-exitcode`: there are changes to make. */
  changesFound: 3,
  /** Done in part, or nothing is wrong as far as it was seen and not all was. */
  unfinished: 68,
  /** The org is still working. The error has the id to go on with. */
  stillRunning: 69,
} as const;

/** The signals that ask a process to end, and the exit codes that shells expect then. The code is 128 and the signal's number. */
export const END_CODES = { SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 } as const;

export type EndSignal = keyof typeof END_CODES;
