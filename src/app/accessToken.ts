/**
 * Is an access token a JWT? All JWTs begin like this, since their header is a JSON object (RFC 7519). Salesforce's opaque tokens
 * begin with the org's id.
 */
export const isJwt = (token: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token);
