import { expect } from 'chai';

import type { AppFacts } from '../../../src/app/checks.ts';
import { trouble } from '../../../src/client/checks/check.ts';
import { NoAnswerError } from '../../../src/net/noAnswer.ts';
import { inWords } from '../../../src/texts.ts';
import { remedyOf } from '../../../src/ui/remedies.ts';

describe('a request without an answer', () => {
  const facts = {
    app: { name: 'Order_Sync' },
    flags: [['--api-path', '/services/long'], ['--strict']],
    myDomainUrl: 'https://acme.my.salesforce.com',
  } as AppFacts;
  const found = (reason: string, others: Partial<AppFacts> = {}) => {
    const { status, detail, fix } = trouble(new NoAnswerError('acme.example', reason), undefined, {
      ...facts,
      ...others,
    });
    expect(status).to.equal('failed');
    return { detail: inWords(detail), ...remedyOf(inWords(fix!)) };
  };

  for (const [reason, detail, fix] of [
    ['ENOTFOUND', /acme\.example gave no answer \(ENOTFOUND\)/, /acme\.example is the right host/],
    ['ECONNREFUSED', /gave no answer/, /proxy/],
    ['UND_ERR_SOCKET', /gave no answer/, /right host/],
    ['TIMEOUT', /gave no answer \(TIMEOUT\)/, /maintenance/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /gave no answer/, /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /gave no answer/, /clock/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /gave no answer/, /does not trust the certificate of acme\.example/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /gave no answer/, /name of the host/],
    ['NOT_THE_HOST_OF_THE_ORG', /Nothing was sent to acme\.example/, /My Domain/],
    ['PORT_BLOCKED', /Nothing was sent to acme\.example/, /Check the port of acme\.example/],
    ['NOT_OVER_HTTPS', /Nothing was sent to acme\.example/, /https:\/\//],
  ] as const) {
    it(`has a remedy of its own for ${reason}`, () => {
      const said = found(reason);
      expect(said.detail).to.match(detail);
      expect(said.fix).to.match(fix).and.not.include('%s');
    });
  }

  it('that was too large leads to another path where a path was given, and to the host where none was', () => {
    const long = found('ANSWER_TOO_LARGE');
    expect(long.detail).to.include('larger than any answer of an org').and.not.include('no answer');
    expect(long.commands).to.deep.equal(['sf eca verify --name Order_Sync --strict']);
    const page = found('ANSWER_TOO_LARGE', { flags: [] });
    expect(page.fix).to.include('acme.example is the right host');
    expect(page.commands).to.deep.equal(['sf eca verify --name Order_Sync']);
  });

  it('leads a client that is tried without an org back to such a trial', () => {
    const flags = [['--credentials-file', 'app.env']];
    expect(found('TIMEOUT', { fileOnly: 'app.env', flags }).commands).to.deep.equal([
      'sf eca verify --credentials-file app.env',
    ]);
  });
});
