import { cannot, changed, type Item, keeps, keepsWord, type Row } from './answer.ts';
import type { ConnectedAppContext } from './context.ts';
import { tell } from './migrationText.ts';

const ofSaml = (row: Row): Row => ({ ...row, ofOauth: undefined, ofSaml: true });

const encryption = ofSaml(keepsWord('saml.encryptionType', { AES_128: 'aes-128', AES_256: 'aes-256' }));

const usesTripleDes = ({ text }: ConnectedAppContext): boolean =>
  text('samlConfig.encryptionType')?.toLowerCase() === 'triple_des';

/** Without a type, Salesforce would choose one, and the service provider does not know it. */
const notForTripleDes = (row: Row): Row => ({
  ...row,
  answer: (item: Item, context) =>
    usesTripleDes(context) ? cannot(tell('reason.tripleDes')) : row.answer(item, context),
});

/** The elements of `samlConfig`. Words as in `@salesforce/types`; the Metadata API guide spells one differently. */
export const SAML: Readonly<Record<string, Row>> = {
  'samlConfig.acsUrl': ofSaml(keeps('saml.acsUrl')),
  'samlConfig.entityUrl': ofSaml(keeps('saml.entityUrl')),
  'samlConfig.issuer': ofSaml(keeps('saml.issuer')),
  'samlConfig.certificate': { ...ofSaml(keeps('saml.certificate')), shown: () => '…' },
  'samlConfig.encryptionCertificate': {
    ...notForTripleDes(ofSaml(keeps('saml.encryptionCertificate'))),
    shown: () => '…',
  },
  'samlConfig.encryptionType': notForTripleDes({
    ...encryption,
    answer: (item, context) =>
      context.text('samlConfig.encryptionCertificate') === undefined
        ? changed(tell('reason.encryptionUnused'))
        : encryption.answer(item, context),
  }),
  'samlConfig.samlSubjectType': ofSaml(
    keepsWord('saml.subjectType', {
      Username: 'username',
      FederationId: 'federation-id',
      UserId: 'user-id',
      SpokeId: 'spoke-id',
      CustomAttribute: 'custom-attribute',
      CustomAttr: 'custom-attribute',
      PersistentId: 'persistent-id',
    }),
  ),
  'samlConfig.samlSubjectCustomAttr': ofSaml(keeps('saml.subjectCustomAttribute')),
  'samlConfig.samlNameIdFormat': ofSaml(
    keepsWord('saml.nameIdFormat', {
      Unspecified: 'unspecified',
      EmailAddress: 'email-address',
      Persistent: 'persistent',
      Transient: 'transient',
    }),
  ),
  'samlConfig.samlSigningAlgoType': ofSaml(keepsWord('saml.signingAlgorithm', { SHA1: 'sha1', SHA256: 'sha256' })),
  'samlConfig.samlIdpSLOBindingEnum': ofSaml(
    keepsWord('saml.singleLogoutBinding', { RedirectBinding: 'redirect', PostBinding: 'post' }),
  ),
  'samlConfig.samlSloUrl': ofSaml(keeps('saml.singleLogoutUrl')),
};
