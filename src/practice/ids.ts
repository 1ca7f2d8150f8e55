/** Salesforce record ids: 15 characters, case-sensitive, and 3 more that make them safe where case gets lost. */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** Key prefix of each sObject and metadata type that the practice org gives ids to. */
const KEY_PREFIXES: Record<string, string> = {
  Organization: '00D',
  User: '005',
  Profile: '00e',
  UserRole: '00E',
  PermissionSet: '0PS',
  PermissionSetAssignment: '0Pa',
  PermissionSetLicense: '0PL',
  PermissionSetLicenseAssign: '2LA',
  SetupEntityAccess: '0J0',
  UserLicense: '100',
  UserLogin: '0Yw',
  OauthToken: '0CQ',
  OauthCustomScope: '0YC',
  LoginHistory: '0Ya',
  ConnectedApplication: '0H4',
  ConnectedApp: '0H4',
  Account: '001',
  Contact: '003',
  Domain: '0I4',
  Network: '0DB',
  ExternalClientApplication: '0xI',
  ExtlClntAppOauthSettings: '0xJ',
  ExtlClntAppGlobalOauthSettings: '0xK',
  ExtlClntAppOauthConfigurablePolicies: '0xL',
  ExtlClntAppConfigurablePolicies: '0xM',
  ExtlClntAppOauthSecuritySettings: '0xN',
  OauthConsumer: '888',
  StagedCredentials: '0yq',
  DeployRequest: '0Af',
  RetrieveRequest: '09S',
};

/** The 3 letters that end an 18-character id: each says which of 5 characters are capitals. */
function checkLetters(id15: string): string {
  return [0, 5, 10]
    .map((start) => {
      const capitals = [...id15.slice(start, start + 5)].map((letter) => (/[A-Z]/.test(letter) ? 1 : 0));
      return CHECK[capitals.reduce<number>((sum, bit, place) => sum + bit * 2 ** place, 0)];
    })
    .join('');
}

/** The 18-character form of an id; an 18-character one comes back as it is. */
export function toId18(id: string): string {
  return id.length === 15 ? id + checkLetters(id) : id;
}

function base62(value: number, width: number): string {
  let rest = value;
  let text = '';
  while (rest > 0) {
    text = DIGITS.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(width, '0');
}

/** The key prefix of a type; types that nobody has an id of in the wild share one. */
export function keyPrefix(type: string): string {
  return KEY_PREFIXES[type] ?? '0zz';
}

/** Gives out ids, one number after the other for all types together, so that they also tell which came first. */
export function idGenerator(instance: string): (type: string) => string {
  let last = 0;
  return (type) => {
    last += 1;
    return toId18(keyPrefix(type) + instance + base62(last, 15 - 3 - instance.length));
  };
}
