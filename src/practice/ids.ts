/** Salesforce record ids: 15 characters, case-sensitive, and 3 more that make them safe where case gets lost. */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * Key prefix of each sObject and metadata type that the practice org gives ids to. The prefixes of the second part are
 * inventions of the practice org. No source shows a real id of these types.
 */
const KEY_PREFIXES: Record<string, string> = {
  Organization: '00D',
  User: '005',
  Profile: '00e',
  UserRole: '00E',
  PermissionSet: '0PS',
  PermissionSetAssignment: '0Pa',
  PermissionSetGroup: '0PG',
  PermissionSetGroupComponent: '0PM',
  PermissionSetLicense: '0PL',
  PermissionSetLicenseAssign: '2LA',
  ObjectPermissions: '110',
  FieldPermissions: '01k',
  CustomPermission: '0CP',
  SetupEntityAccess: '0J0',
  UserLicense: '100',
  UserLogin: '0Yw',
  OauthToken: '0CQ',
  OauthCustomScope: '0YC',
  LoginHistory: '0Ya',
  ApexClass: '01p',
  ApexLog: '07L',
  AppMenuItem: '0DS',
  ConnectedApplication: '0H4',
  Account: '001',
  Contact: '003',
  Domain: '0I4',
  Network: '0DB',
  ExternalClientApplication: '0xI',
  ExtlClntAppOauthSettings: '0xJ',
  ExtlClntAppGlobalOauthSettings: '0xK',
  ExtlClntAppOauthPlcyCnfg: '0xL',
  ExtlClntAppPlcyCnfg: '0xM',
  ExtlClntAppOauthSecuritySettings: '0xN',
  ExtlClntAppOauthConsumer: '888',
  StagedCredentials: '0yq',
  DeployRequest: '0Af',
  RetrieveRequest: '09S',
  BulkQueryJob: '750',
  ScratchOrgInfo: '2SR',
  InstalledSubscriberPackage: '0A3',
  SubscriberPackage: '033',
  SubscriberPackageVersion: '04t',

  ExtlClntAppOauthIpRange: '0xO',
  IdpEventLog: '0z1',
  OauthTokenExchangeHandler: '0z2',
  OauthTokenExchHandlerApp: '0z3',
  PermissionSetTabSetting: '0z4',
};

/** Metadata types whose components are records of an sObject that has another name. */
const SOBJECT_OF_TYPE: Record<string, string> = {
  ConnectedApp: 'ConnectedApplication',
  ExtlClntAppConfigurablePolicies: 'ExtlClntAppPlcyCnfg',
  ExtlClntAppOauthConfigurablePolicies: 'ExtlClntAppOauthPlcyCnfg',
  OauthConsumer: 'ExtlClntAppOauthConsumer',
};

/** SObjects whose rows are no records: they go by a name, or all have the same id. */
const WITHOUT_IDS = new Set([
  'EntityDefinition',
  'ExternalClientAppSettings',
  'FieldDefinition',
  'OauthOidcSettings',
  'UserPermissionAccess',
]);

/** The 3 letters that end an 18-character id: each says which of 5 characters are capitals. */
const checkLetters = (id15: string): string =>
  [0, 5, 10]
    .map((start) => {
      const capitals = [...id15.slice(start, start + 5)].map((letter) => (/[A-Z]/.test(letter) ? 1 : 0));
      return CHECK[capitals.reduce<number>((sum, bit, place) => sum + bit * 2 ** place, 0)];
    })
    .join('');

/** The 18-character form of an id; an 18-character one comes back as it is. */
export const toId18 = (id: string): string => (id.length === 15 ? id + checkLetters(id) : id);

const base62 = (value: number, width: number): string => {
  let rest = value;
  let text = '';
  while (rest > 0) {
    text = DIGITS.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(width, '0');
};

/** The key prefix of an sObject or a metadata type; null where its rows are no records. Types without an sObject share one. */
export const keyPrefix = (type: string): string | null => {
  if (WITHOUT_IDS.has(type)) return null;
  return KEY_PREFIXES[SOBJECT_OF_TYPE[type] ?? type] ?? '0zz';
};

/** The id of a row that belongs to a record and is not stored by itself. The first row of a record is number 0. */
export const partId = (type: string, ofId: string, nth = 0): string => {
  // The instance, the last digits of the record's number, and the number of the part. No two parts share an id.
  return toId18((keyPrefix(type) ?? '000') + ofId.slice(3, 8) + ofId.slice(10, 15) + base62(nth, 2));
};

/** Gives out ids, one number after the other for all types together, so that they also tell which came first. */
export const idGenerator = (instance: string): ((type: string) => string) => {
  let last = 0;
  return (type) => {
    last += 1;
    return toId18((keyPrefix(type) ?? '000') + instance + base62(last, 15 - 3 - instance.length));
  };
};
