import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';

import { expect } from 'chai';
import fc from 'fast-check';

import { parseRefusal } from '../../src/app/answer.ts';
import { checkCallbackUrl } from '../../src/app/callbackUrl.ts';
import { commandLine, pasteable } from '../../src/app/commandLine.ts';
import { checkContactEmail } from '../../src/app/contactEmail.ts';
import { parseFlow } from '../../src/app/flows.ts';
import { dotenvValue, shellValue, writeHandover } from '../../src/app/handover.ts';
import { parseIpRange } from '../../src/app/ipRange.ts';
import { checkName, splitNamespace, suggestName } from '../../src/app/name.ts';
import { nearest } from '../../src/app/nearest.ts';
import { inEscapes, isPlain, plainText } from '../../src/app/plainText.ts';
import { isProblem } from '../../src/app/problem.ts';
import { parseScope, SCOPES, scopeToken, wireName } from '../../src/app/scopes.ts';

/** Texts as people, files and orgs may bring them, the nasty ones more often. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'a',
          'A1',
          ' ',
          '\t',
          '\n',
          '\r\n',
          "'",
          '"',
          '`',
          '\\',
          '$',
          '$(id)',
          '`id`',
          '${HOME}',
          '!',
          '*',
          '~',
          '#',
        ],
        ...[
          ';',
          '&',
          '|',
          '<',
          '>',
          '=',
          '%',
          '@',
          ',',
          '-',
          '://',
          '..',
          '[',
          '{',
          '\u001b[2J',
          '\u202E',
          '\u0085',
          '日',
          '🙂',
        ],
        ...[
          '__',
          '__proto__',
          'constructor',
          'https://',
          'javascript:',
          '203.0.113.',
          '::',
          '\uFEFF',
          '%s',
          '$&',
          'EOF\n',
        ],
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);
/**
 * A process takes no argument with a NUL in it, and an environment no such value. Half a character has no bytes of its
 * own.
 */
const arguments_ = texts.map((text) => text.replaceAll('\0', '').toWellFormed());

describe('a hostile text', () => {
  it('is a good name, or is refused with a better one', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const problem = checkName(text);
        if (problem) expect(problem.code).to.match(/^error\.name(Invalid|TooLong)$/);
        else expect(text).to.match(/^\w{1,80}$/);
        expect(checkName(suggestName(text))).to.equal(undefined);
      }),
    );
  });

  it('is a callback URL of a harmless kind, or is refused with the reason', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.webUrl({ withFragments: true }),
          texts.map((text) => `https://${text}`),
        ),
        (text) => {
          const problem = checkCallbackUrl(text);
          if (problem) {
            expect(problem.code).to.match(/^error\.callbackUrl[A-Z]/);
            return;
          }
          // Several go into one text, a line each.
          expect(text.split(/\s/)).to.deep.equal([text]);
          expect(isPlain(text)).to.equal(true);
          expect(new URL(text).protocol).not.to.match(/^(javascript|data|file|vbscript):$/);
          expect(new URL(text).username).to.equal('');
        },
      ),
    );
  });

  it('is a range of addresses that comes back, or is refused', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6(), texts);
    fc.assert(
      fc.property(address, address, (start, end) => {
        const range = parseIpRange(`${start}-${end}`);
        if (isProblem(range)) expect(range.code).to.match(/^error\.ipRange[A-Z]/);
        else expect(parseIpRange(`${range.start}-${range.end}`)).to.deep.equal(range);
      }),
    );
  });

  it('is a scope or a flow that is known, or is refused', () => {
    const known = SCOPES.flatMap(({ wire, token }) => [wire, token, ` ${wire.toUpperCase()} `]);
    fc.assert(
      fc.property(fc.oneof(texts, fc.constantFrom(...known)), (text) => {
        const scope = parseScope(text);
        if (isProblem(scope)) expect(scope.code).to.match(/^error\.scope(Unknown|Unlike|Ambiguous)$/);
        else expect(wireName(scopeToken(scope))).to.equal(scope);
        const flow = parseFlow(text);
        if (isProblem(flow)) expect(flow.code).to.match(/^error\./);
        else expect(flow).to.be.a('string');
      }),
    );
  });

  it('is an e-mail address without blanks and controls, or is refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.emailAddress(),
          texts.map((text) => `${text}@example.com`),
        ),
        (text) => {
          if (!checkContactEmail(text)) expect(text).to.match(/^[^\s\p{C}]+@[^\s\p{C}]+$/u);
        },
      ),
    );
  });

  it('is one argument of a command line that is pasted into a real shell', () => {
    const words = fc.sample(arguments_, { numRuns: 1000, seed: 7 }).filter((text) => !/^<[\w -]+>$/.test(text));
    for (const shell of ['/bin/sh', '/bin/bash']) {
      const printed = execFileSync(shell, ['-c', commandLine(['printf', '%s\\0', ...words])], { encoding: 'utf8' });
      expect(printed.split('\0').slice(0, -1)).to.deep.equal(words);
    }
  });

  it('is one argument that a terminal does not obey, when it is the org that says it', () => {
    const ids = fc.sample(arguments_, { numRuns: 500, seed: 8 });
    expect(ids.map(pasteable).filter((word) => !isPlain(word))).to.deep.equal([]);
    const script = `printf '%s\\0' ${ids.map(pasteable).join(' ')}`;
    const printed = execFileSync('/bin/bash', ['-c', script], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(ids.map(plainText));
  });

  it('comes back from a shell as it went in, or is not handed over', () => {
    const values = fc.sample(arguments_, { numRuns: 1000, seed: 9 }).filter((value) => shellValue(value) !== undefined);
    expect(values.length).to.be.greaterThan(300);
    const script = values.map((value, index) => `export V${index}=${shellValue(value)}`).join('\n');
    const print = `printf '%s\\0' ${values.map((_, index) => `"$V${index}"`).join(' ')}`;
    for (const shell of ['/bin/sh', '/bin/bash']) {
      const printed = execFileSync(shell, ['-ec', `${script}\n${print}`], { encoding: 'utf8', env: {} });
      expect(printed.split('\0').slice(0, -1)).to.deep.equal(values);
    }
  });

  it('comes back from a .env file as it went in, or is not handed over', () => {
    fc.assert(
      fc.property(texts, (value) => {
        const written = dotenvValue(value);
        fc.pre(written !== undefined);
        expect(parseEnv(`BEFORE=1\nV=${written}\nAFTER='2'\n`)).to.deep.equal({ BEFORE: '1', V: value, AFTER: '2' });
        expect(isPlain(written)).to.equal(true);
      }),
    );
  });

  it('comes back from JSON as it went in, and a terminal does not obey it', () => {
    fc.assert(
      fc.property(texts, texts, (name, consumerKey) => {
        const handover = { name, consumerKey, tokenUrl: '', authorizeUrl: '', myDomainUrl: '', scopes: [], flows: [] };
        const written = writeHandover(handover, 'json', '') as string;
        expect(JSON.parse(written)).to.deep.equal(handover);
        expect(isPlain(written)).to.equal(true);
      }),
    );
    expect(inEscapes('"\u009b\u202e\u0007"')).to.equal('"\\u009b\\u202e\\u0007"');
  });

  it('is shown so that a terminal does not obey it, and otherwise as it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(isPlain(plainText(text))).to.equal(true);
        expect(plainText(text)).not.to.include('\n');
        if (isPlain(text)) expect(plainText(text)).to.equal(text.replaceAll('\n', '<U+000A>'));
      }),
    );
  });

  /** What makes a regular expression try again and again. */
  const endless: Record<string, string> = {
    blanks: `a${' '.repeat(30_000)}b`,
    tabs: `x=${'\t'.repeat(30_000)}y`,
    underscores: 'a_'.repeat(30_000),
    dots: `a@${'a.'.repeat(30_000)}`,
    slashes: `https://${'/'.repeat(30_000)}x`,
    'brackets that open': '({['.repeat(20_000),
    'objects that open': '{"error":'.repeat(20_000),
    'quotes that open': `A="${'\\'.repeat(30_000)}`,
    'lines that open a quote': "A='\n".repeat(8000),
    assignments: 'a='.repeat(30_000),
    letters: 'a'.repeat(60_000),
  };
  for (const [what, text] of Object.entries(endless)) {
    it(`without end, ${what}, is judged in good time`, () => {
      const handover = {
        name: 'A',
        consumerKey: 'k',
        tokenUrl: '',
        authorizeUrl: '',
        myDomainUrl: '',
        scopes: [],
        flows: [],
      };
      const started = process.cpuUsage();
      for (const judge of [
        checkName,
        suggestName,
        splitNamespace,
        checkCallbackUrl,
        parseIpRange,
        parseFlow,
        parseScope,
      ])
        judge(text);
      for (const judge of [checkContactEmail, parseRefusal, plainText]) judge(text);
      nearest(text, ['api', text]);
      for (const format of ['dotenv', 'shell', 'json'] as const) writeHandover(handover, format, 'S_', text);
      // Of the processor, not of the clock: others may be busy, too.
      expect(process.cpuUsage(started).user / 1000).to.be.lessThan(5000);
    });
  }
});
