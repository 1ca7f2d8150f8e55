/** A key or certificate in PEM in the forms that stores of secrets hand out, by what happened to it. */
export const damagedForms = (pem: string): Record<string, string> => ({
  'line ends written out': pem.replaceAll('\n', '\\n'),
  'Windows line ends written out': pem.replaceAll('\n', '\\r\\n'),
  'quotes around line ends written out': JSON.stringify(pem),
  'one line': pem.replaceAll('\n', ''),
  'blanks for line ends': pem.replaceAll('\n', ' '),
  'Base64 of all of it': btoa(pem),
  'Base64 of all of it, in lines': btoa(pem).replaceAll(/.{76}/g, '$&\n'),
  'Base64 of Base64': btoa(btoa(pem)),
  'quotes around': `'${pem}'`,
  'a byte order mark and Windows line ends': `\u00ef\u00bb\u00bf${pem.replaceAll('\n', '\r\n')}`,
  'bag attributes before and text behind': `Bag Attributes\n    friendlyName: app\n${pem}# end of file\n`,
  'indented lines': pem.replaceAll('\n', '\n    '),
});
