import { expect } from 'chai';

import { FIELD_PATHS, type FieldKind, fieldRow, FIELDS, fieldsSaid, wholeList } from '../../src/app/fields.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';

type AnyFlag = { type: 'boolean' | 'option'; allowNo?: boolean; multiple?: boolean };

const flagsOfWrites = Object.assign({}, EcaCreate.flags, EcaOauthSet.flags, EcaScopesSet.flags) as unknown as Record<
  string,
  AnyFlag
>;

/** Does a flag of this shape say a field of this kind? */
const says = (flag: AnyFlag, kind: FieldKind): boolean => {
  if (kind === 'yesNo') return flag.type === 'boolean' && flag.allowNo === true;
  return flag.type === 'option' && (flag.multiple === true) === ['texts', 'ranges', 'attributes'].includes(kind);
};

describe('the table of fields', () => {
  for (const path of FIELD_PATHS.filter((one) => FIELDS[one].flag !== undefined)) {
    it(`has a flag that says ${path}`, () => {
      const { flag = '', kind } = FIELDS[path];
      expect(flagsOfWrites, flag).to.have.property(flag);
      expect(says(flagsOfWrites[flag]!, kind), `--${flag} says a ${kind}`).to.equal(true);
    });
  }

  it('has each flag once', () => {
    const flags = FIELD_PATHS.flatMap((path) => FIELDS[path].flag ?? []);
    expect(new Set(flags).size).to.equal(flags.length);
  });

  it('has no row for what is no field', () => {
    expect(fieldRow('name')).to.equal(undefined);
    expect(fieldRow('integrationUser.username')).to.equal(undefined);
    expect(fieldRow('constructor')).to.equal(undefined);
  });
});

describe('fieldsSaid', () => {
  it('puts what flags say in its place', () => {
    expect(
      fieldsSaid({
        label: 'Order "Sync"',
        'id-token-audience': 'https://a.example',
        pkce: false,
        'session-timeout': 15,
      }),
    ).to.deep.equal({
      label: 'Order "Sync"',
      oauth: { pkceRequired: false, idToken: { audience: 'https://a.example' } },
      policies: { sessionTimeoutMinutes: 15 },
    });
  });

  it('takes one empty text for an empty list, and an empty text for a text', () => {
    expect(fieldsSaid({ 'permission-set': [''], description: '' })).to.deep.equal({
      description: '',
      policies: { permissionSets: [] },
    });
  });

  it('leaves out what is not said, and flags that say no field', () => {
    expect(fieldsSaid({ label: undefined, wait: 3, 'target-org': 'practice' })).to.deep.equal({});
  });
});

describe('wholeList', () => {
  it('takes one empty value for an empty list', () => {
    expect(wholeList([''])).to.deep.equal([]);
  });

  it('leaves other lists, and silence, as they are', () => {
    expect(wholeList(['a', 'b'])).to.deep.equal(['a', 'b']);
    expect(wholeList(undefined)).to.equal(undefined);
  });
});
