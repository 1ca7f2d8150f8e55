/** A SOAP fault: what a SOAP API says when a call as a whole is refused. */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
