/** The kinds of files with a key or a certificate, whichever was asked for. */
export type PemKind =
  | 'certificate'
  | 'certificateRequest'
  | 'encryptedKey'
  | 'openSshKey'
  | 'pkcs12'
  | 'pkcs7'
  | 'privateKey'
  | 'publicKey'
  | 'truncated'
  | 'utf16';

/** The blocks of a file, and the kind of the file; undefined for a file of no known kind. */
export type PemContent = { blocks: Array<{ label: string; pem: string; encrypted: boolean }>; kind?: PemKind };

const BEGIN = '-----BEGIN';

/**
 * Reads a PEM file in the forms that stores of secrets produce. Line ends may be written as `\n`, replaced by blanks,
 * or missing. The text may be between quotes, in Base64 once more, or have a byte order mark. Attributes may come
 * before the blocks, and text after them.
 *
 * @param content one character for each byte
 */
export const readPem = (content: string): PemContent => {
  if (/^(\u00ff\u00fe|\u00fe\u00ff)/.test(content) || /^.\0.\0.\0/s.test(content)) return { blocks: [], kind: 'utf16' };
  const text = unpacked(content);
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{3,40})-----([^]*?)-----END \1-----/g)].map(
    ([, label = '', inside = '']) => blockOf(label, inside),
  );
  return { blocks, kind: kindOf(text, blocks) };
};

const unpacked = (content: string, depth = 0): string => {
  const text = content
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trim()
    .replace(/^(["'])([^]*)\1$/, '$2')
    .replaceAll(/\\r\\n|\\n|\\r/g, '\n');
  if (text.includes(BEGIN) || depth === 2) return text;
  const inner = fromBase64(text);
  return inner?.includes(BEGIN) || (inner !== undefined && depth === 0 && fromBase64(inner)?.includes(BEGIN))
    ? unpacked(inner, depth + 1)
    : text;
};

/** Undefined for text that is no Base64. */
export const fromBase64 = (text: string): string | undefined => {
  const bare = text.replaceAll(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
  if (bare.length < 64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(bare)) return undefined;
  try {
    return atob(bare);
  } catch {
    return undefined;
  }
};

const blockOf = (label: string, inside: string): PemContent['blocks'][number] => {
  const headers = /^(?:[A-Za-z-]+: [^\n]*\n)+/.exec(inside.trimStart())?.[0] ?? '';
  const body = inside.trimStart().slice(headers.length).replaceAll(/\s+/g, '');
  const lines = body.match(/.{1,64}/g) ?? [];
  return {
    label,
    pem: [
      `-----BEGIN ${label}-----`,
      ...(headers ? [headers.trimEnd(), ''] : []),
      ...lines,
      `-----END ${label}-----`,
      '',
    ].join('\n'),
    encrypted: label === 'ENCRYPTED PRIVATE KEY' || /ENCRYPTED/.test(headers) || /^Proc-Type:4,ENCRYPTED/.test(body),
  };
};

const LABELS: Array<[RegExp, PemKind]> = [
  [/^OPENSSH PRIVATE KEY$/, 'openSshKey'],
  [/PRIVATE KEY$/, 'privateKey'],
  [/CERTIFICATE REQUEST$/, 'certificateRequest'],
  [/CERTIFICATE$/, 'certificate'],
  [/PUBLIC KEY$/, 'publicKey'],
  [/^(PKCS7|CMS)$/, 'pkcs7'],
];

const kindOf = (text: string, blocks: PemContent['blocks']): PemKind | undefined => {
  const [first] = blocks;
  if (first?.encrypted) return 'encryptedKey';
  if (first) return LABELS.find(([label]) => label.test(first.label))?.[1];
  if (text.includes(BEGIN)) return 'truncated';
  if (/^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+) /.test(text)) return 'publicKey';
  // A PKCS#12 file is a sequence that begins with the version 3 (RFC 7292).
  return /^\u0030(?:[\u0080-\u0084][^]{0,4}?|[^])\u0002\u0001\u0003\u0030/.test(text) ? 'pkcs12' : undefined;
};
