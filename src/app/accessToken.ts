/**
 * Is an access token a JWT? All JWTs begin like this, since their header is a JSON object (RFC 7519). Salesforce's opaque tokens
 * begin with the org's id.
 */
export const isJwt = (token: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token);

/**
 * The client id of the app to which an access token in JWT format was given (Salesforce Help, "JWT-Based Access Tokens").
 * Undefined for an opaque token.
 */
export const clientIdIn = (token: string): string | undefined => {
  if (!isJwt(token)) return undefined;
  try {
    const { client_id: id } = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))) as {
      client_id?: unknown;
    };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
};
