import { cannot, changed, needsYou, type Row } from './answer.ts';
import { tell } from './migrationText.ts';

const byHand = (name: string): Row => ({ answer: () => needsYou(tell('reason.saml', name)) });

/** The elements of `samlConfig`, with the names of the same settings in an external client app. */
export const SAML: Readonly<Record<string, Row>> = {
  'samlConfig.acsUrl': byHand('acsUrl'),
  'samlConfig.entityUrl': byHand('entityUrl'),
  'samlConfig.issuer': byHand('issuer'),
  'samlConfig.certificate': { ...byHand('certificate'), shown: () => '…' },
  'samlConfig.encryptionCertificate': { ...byHand('encryptionCertificate'), shown: () => '…' },
  'samlConfig.encryptionType': {
    answer: ({ text }, context) => {
      if (text.toLowerCase() === 'triple_des') return cannot(tell('reason.tripleDes'));
      return context.text('samlConfig.encryptionCertificate') === undefined
        ? changed(tell('reason.encryptionUnused'))
        : needsYou(tell('reason.saml', 'encryptionType'));
    },
  },
  'samlConfig.samlSubjectType': byHand('subjectType'),
  'samlConfig.samlSubjectCustomAttr': byHand('subjectCustomAttribute'),
  'samlConfig.samlNameIdFormat': byHand('nameIdFormat'),
  'samlConfig.samlSigningAlgoType': byHand('signingAlgorithmType'),
  'samlConfig.samlIdpSLOBindingEnum': byHand('singleLogoutBindingType'),
  'samlConfig.samlSloUrl': byHand('singleLogoutUrl'),
};
