import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { expect } from 'chai';

import {
  checkPrefix,
  dotenvValue,
  formatOfFile,
  type Handover,
  type MachineFormat,
  shellValue,
  variablesOf,
  writeHandover,
} from '../../src/app/handover.ts';
import { Secret } from '../../src/app/secret.ts';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const secret = randomBytes(32).toString('hex').toUpperCase();

const HANDOVER: Handover = {
  name: 'Order_Sync',
  consumerKey: '3MVG9.key_of-an.app',
  consumerSecret: new Secret(secret),
  tokenUrl: 'https://acme.my.salesforce.com/services/oauth2/token',
  authorizeUrl: 'https://acme.my.salesforce.com/services/oauth2/authorize',
  myDomainUrl: 'https://acme.my.salesforce.com',
  scopes: ['api', 'refresh_token'],
  flows: ['web-server', 'client-credentials'],
};

const text = (format: MachineFormat, existing?: string, given: Handover = HANDOVER): string => {
  const written = writeHandover(given, format, 'SALESFORCE_', existing);
  expect(written, JSON.stringify(written)).to.be.a('string');
  return written as string;
};

/** What a real shell has in its variables after it has read the text. */
const inShell = (script: string, names: string[]): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-'));
  try {
    writeFileSync(join(folder, 'it.sh'), script);
    const print = names.map((name) => `printf '%s\\0' "$${name}"`).join('; ');
    const output = execFileSync('sh', ['-c', `. ./it.sh; ${print}`], { cwd: folder, encoding: 'utf8' });
    return output.split('\0').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe('hand-over', () => {
  it('calls the variables what client libraries call them', () => {
    expect(variablesOf(HANDOVER, 'ORDERS_')).to.deep.equal([
      { name: 'ORDERS_CLIENT_ID', value: HANDOVER.consumerKey },
      { name: 'ORDERS_CLIENT_SECRET', value: secret },
      { name: 'ORDERS_TOKEN_URL', value: HANDOVER.tokenUrl },
      { name: 'ORDERS_AUTHORIZE_URL', value: HANDOVER.authorizeUrl },
      { name: 'ORDERS_MY_DOMAIN_URL', value: HANDOVER.myDomainUrl },
      { name: 'ORDERS_SCOPES', value: 'api refresh_token' },
      { name: 'ORDERS_FLOWS', value: 'web-server client-credentials' },
    ]);
  });

  it('leaves the secret out when it was not asked for', () => {
    const { consumerSecret: _, ...masked } = HANDOVER;
    for (const format of ['dotenv', 'shell', 'json'] as const) {
      expect(text(format, undefined, masked)).not.to.match(/secret/i);
    }
  });

  it('takes a prefix that makes names for a shell, or none', () => {
    for (const prefix of ['', 'SF_', '_', 'a1_']) expect(checkPrefix(prefix)).to.equal(undefined);
    for (const prefix of ['1A', 'A-B', 'A B', 'Ä_', 'A='])
      expect(checkPrefix(prefix)?.code).to.equal('error.prefixInvalid');
  });

  it('goes by a file name', () => {
    expect(['.env', '.env.local', 'a.json', 'A.JSON', 'env.sh', 'secrets'].map(formatOfFile)).to.deep.equal([
      'dotenv',
      'dotenv',
      'json',
      'json',
      'shell',
      'dotenv',
    ]);
  });

  describe('in a .env file', () => {
    const readBack = (value: string): string | undefined => {
      const written = dotenvValue(value);
      // Lines around it, since a quote that is not closed reaches into the next.
      return written && parseEnv(`BEFORE='x'\nVALUE=${written}\nAFTER='#x' # y\nLAST="\`"\n`).VALUE;
    };

    it('gives every printable character back, wherever it stands', () => {
      for (const character of printable) {
        for (const value of [
          character,
          `${character}ab`,
          `a${character}b`,
          `ab${character}`,
          `${character}a${character}`,
        ]) {
          expect(readBack(value), JSON.stringify(value)).to.equal(value);
        }
      }
    });

    it('gives any two printable characters back', () => {
      for (const first of printable) {
        for (const second of printable) {
          const value = `x${first}y${second}z`;
          expect(readBack(value), JSON.stringify(value)).to.equal(value);
        }
      }
    });

    it('gives all characters back but three kinds of quotes beside a #', () => {
      for (const quote of ["'", '"', '`']) {
        const value = printable.filter((character) => character !== quote).join('');
        const written = dotenvValue(value);
        if (written !== undefined) expect(readBack(value)).to.equal(value);
        else expect(quote).to.equal('"');
      }
      const withoutHash = printable
        .filter((character) => character !== '#')
        .join('')
        .trim();
      expect(readBack(withoutHash)).to.equal(withoutHash);
    });

    it('says so instead of writing a value that no quoting fits', () => {
      for (const value of [printable.join(''), '\'"`#', 'two\nlines', `'\\n"\`# \\`]) {
        expect(dotenvValue(value), JSON.stringify(value)).to.equal(undefined);
        expect(writeHandover({ ...HANDOVER, consumerSecret: new Secret(value) }, 'dotenv', 'X_')).to.deep.equal({
          code: 'error.valueNotForDotenv',
          values: ['X_CLIENT_SECRET'],
        });
      }
    });

    it('leaves real keys, secrets and URLs without quotes, for readers that know none', () => {
      expect(text('dotenv').split('\n').slice(0, 3)).to.deep.equal([
        `SALESFORCE_CLIENT_ID=${HANDOVER.consumerKey}`,
        `SALESFORCE_CLIENT_SECRET=${secret}`,
        `SALESFORCE_TOKEN_URL=${HANDOVER.tokenUrl}`,
      ]);
    });

    it('is read back whole', () => {
      const variables = variablesOf(HANDOVER, 'SALESFORCE_').map(({ name, value }) => [name, value]);
      expect(parseEnv(text('dotenv'))).to.deep.equal(Object.fromEntries(variables));
    });

    it('keeps the other lines and comments of a file, and sets what is there in place', () => {
      const existing = [
        '# for development',
        'DATABASE_URL=postgres://localhost # local',
        'export SALESFORCE_CLIENT_ID="old"   # from Ada',
        '',
        "PRIVATE_KEY='-----BEGIN",
        'SALESFORCE_CLIENT_ID=not this one',
        "-----END'",
        '# SALESFORCE_CLIENT_SECRET=commented out',
        'SALESFORCE_CLIENT_SECRET = old',
        'LAST=1',
      ].join('\n');
      expect(text('dotenv', existing)).to.equal(
        [
          '# for development',
          'DATABASE_URL=postgres://localhost # local',
          `export SALESFORCE_CLIENT_ID=${HANDOVER.consumerKey}   # from Ada`,
          '',
          "PRIVATE_KEY='-----BEGIN",
          'SALESFORCE_CLIENT_ID=not this one',
          "-----END'",
          '# SALESFORCE_CLIENT_SECRET=commented out',
          `SALESFORCE_CLIENT_SECRET = ${secret}`,
          'LAST=1',
          `SALESFORCE_TOKEN_URL=${HANDOVER.tokenUrl}`,
          `SALESFORCE_AUTHORIZE_URL=${HANDOVER.authorizeUrl}`,
          `SALESFORCE_MY_DOMAIN_URL=${HANDOVER.myDomainUrl}`,
          "SALESFORCE_SCOPES='api refresh_token'",
          "SALESFORCE_FLOWS='web-server client-credentials'",
          '',
        ].join('\n'),
      );
    });

    it('changes nothing the second time', () => {
      const once = text('dotenv', '# mine\nA=1\n');
      expect(text('dotenv', once)).to.equal(once);
    });

    it('sets a name each time that it stands there, also where it has no value', () => {
      const again = text('dotenv', 'SALESFORCE_CLIENT_SECRET=\nSALESFORCE_CLIENT_SECRET=old\n');
      expect(again.match(/^SALESFORCE_CLIENT_SECRET=(.*)$/gm)).to.deep.equal(
        Array(2).fill(`SALESFORCE_CLIENT_SECRET=${secret}`),
      );
    });

    it('keeps the line ends and the byte order mark of Windows', () => {
      const written = text('dotenv', '\uFEFFSALESFORCE_CLIENT_ID=old\r\nA=1');
      expect(
        written.startsWith(`\uFEFFSALESFORCE_CLIENT_ID=${HANDOVER.consumerKey}\r\nA=1\r\nSALESFORCE_CLIENT_SECRET=`),
      ).to.be.true;
      expect(written.replaceAll('\r\n', '')).not.to.match(/[\r\n]/);
    });

    it('does not take a value with quotes inside for the beginning of a longer one', () => {
      const existing = "A=it's\nSALESFORCE_CLIENT_ID=old\nB=that's\n";
      expect(text('dotenv', existing)).to.match(/^A=it's\nSALESFORCE_CLIENT_ID=3MVG9\.key_of-an\.app\nB=that's\n/);
    });
  });

  describe('for a shell', () => {
    it('gives every printable character back, alone and together', () => {
      const values = [...printable, printable.join(''), printable.toReversed().join(''), "'", "''", '', 'two\nlines'];
      const script = values.map((value, index) => `export V${index}=${shellValue(value)}`).join('\n');
      expect(
        inShell(
          script,
          values.map((_, index) => `V${index}`),
        ),
      ).to.deep.equal(values);
    });

    it('is read back whole, and again after it was set in place', () => {
      const odd = { ...HANDOVER, consumerSecret: new Secret(`it's "${secret}" \`\\ $HOME #`) };
      const variables = variablesOf(odd, 'SALESFORCE_');
      const names = variables.map(({ name }) => name);
      const values = variables.map(({ value }) => value);
      const first = text('shell', "#!/bin/sh\nset -e\nexport SALESFORCE_CLIENT_SECRET='don'\\''t' # old\n", odd);
      expect(first).to.match(/^#!\/bin\/sh\nset -e\nexport SALESFORCE_CLIENT_SECRET=.* # old\n/);
      expect(first.match(/SALESFORCE_CLIENT_SECRET=/g)).to.have.length(1);
      expect(inShell(first, names)).to.deep.equal(values);
      expect(text('shell', first, odd)).to.equal(first);
    });
  });

  describe('as JSON', () => {
    it('has the names that the result has', () => {
      expect(JSON.parse(text('json'))).to.deep.equal({ ...HANDOVER, consumerSecret: secret });
    });

    it('gives every printable character back', () => {
      const all = { ...HANDOVER, consumerSecret: new Secret(printable.join('')) };
      expect(JSON.parse(text('json', undefined, all))).to.deep.equal({ ...all, consumerSecret: printable.join('') });
    });

    it('keeps the other keys of a file, their order and the indentation', () => {
      const existing = '{\n    "port": 8080,\n    "consumerKey": "old",\n    "nested": { "a": [1] }\n}';
      const written = text('json', existing);
      expect(JSON.parse(written)).to.deep.equal({
        port: 8080,
        nested: { a: [1] },
        ...HANDOVER,
        consumerSecret: secret,
      });
      expect(Object.keys(JSON.parse(written)).slice(0, 3)).to.deep.equal(['port', 'consumerKey', 'nested']);
      expect(written).to.match(/^\{\n {4}"port": 8080,\n/);
    });

    it('starts anew in an empty file', () => {
      expect(JSON.parse(text('json', ' \n'))).to.deep.equal({ ...HANDOVER, consumerSecret: secret });
    });

    it('refuses a file that is something else', () => {
      for (const existing of ['[1]', 'A=1', '{"a":1', '"text"']) {
        expect(writeHandover(HANDOVER, 'json', '', existing, 'secrets.json')).to.deep.equal({
          code: 'error.notJsonObject',
          values: ['secrets.json'],
        });
      }
    });
  });
});
