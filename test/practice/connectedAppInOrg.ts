import type { PracticeOrg } from '../../src/practice/org.ts';

/** Puts a Connected App into a practice org, as somebody made it before external client apps. */
export const connectedAppInOrg = (org: PracticeOrg, name: string, texts: Record<string, string> = {}): void => {
  const now = org.now();
  const by = org.seeded.admin.Id;
  org.putComponent({
    type: 'ConnectedApp',
    fullName: name,
    id: '0H4000000000001AAA',
    body: {
      label: name,
      contactEmail: 'it@example.com',
      oauthConfig: { callbackUrl: 'https://p.example.com/cb', scopes: ['Api'] },
      ...texts,
    },
    createdById: by,
    createdDate: now,
    lastModifiedById: by,
    lastModifiedDate: now,
  });
};
