/** Why a query is refused: the API's error code and its text. */
export class SoqlError extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

/** The line of a query that is wrong, and under it a mark at the place, the way the API shows it. */
function shown(soql: string, word: string): string {
  const at = Math.max(soql.search(new RegExp(`\\b${word.replace(/[^\w.]/g, '')}\\b`, 'i')), 0);
  return `\n${soql}\n${' '.repeat(at)}^\nERROR at Row:1:Column:${at + 1}\n`;
}

export function noSuchSObject(soql: string, name: string): SoqlError {
  return new SoqlError(
    'INVALID_TYPE',
    `${shown(soql, name)}sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function noSuchField(soql: string, field: string, sObject: string): SoqlError {
  return new SoqlError(
    'INVALID_FIELD',
    `${shown(soql, field)}No such column '${field}' on entity '${sObject}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function noSuchRelationship(soql: string, relationship: string): SoqlError {
  return new SoqlError(
    'INVALID_FIELD',
    `${shown(soql, relationship)}Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function malformed(message: string): SoqlError {
  return new SoqlError('MALFORMED_QUERY', message);
}
