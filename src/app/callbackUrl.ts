import { isLoopback } from './host.ts';
import { type Problem, quotable } from './problem.ts';
import { hasOnlyUrlCharacters } from './url.ts';

/** The characters that all callback URLs of an app may have together, joined by line breaks (Metadata API guide). */
export const CALLBACK_URLS_MAX_LENGTH = 2000;

const FIELD = 'oauth.callbackUrls';

/** Schemes to which a browser or an operating system gives another meaning than "open this app". */
const NOT_CUSTOM_SCHEMES = new Set([
  'about',
  'blob',
  'chrome',
  'data',
  'file',
  'filesystem',
  'ftp',
  'ftps',
  'intent',
  'jar',
  'javascript',
  'mailto',
  'sftp',
  'sms',
  'ssh',
  'tel',
  'telnet',
  'urn',
  'vbscript',
  'view-source',
  'ws',
  'wss',
]);

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * The callback URLs in one text or in several texts. Blanks, commas or semicolons separate them. A URL may itself contain
 * a comma or a semicolon. So a text is split only before the scheme of a URL.
 */
export const parseCallbackUrls = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => {
    // Every second part is what separates two others.
    const [first = '', ...others] = text.trim().split(/([\s,;]+)/);
    const urls = [first];
    for (let index = 0; index < others.length; index += 2) {
      const [separator = '', part = ''] = others.slice(index, index + 2);
      const begins = /\s/.test(separator) ? SCHEME.test(part) : /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(part);
      if (begins) urls.push(part);
      // A separator at the end belongs to no URL.
      else if (part !== '') urls[urls.length - 1] += `${separator}${part}`;
    }
    return urls;
  });

/**
 * Checks a callback URL. A callback URL is https, or a custom URI scheme such as `com.example.app:/cb` (Salesforce's
 * guide). On this machine http is accepted in practice. Salesforce compares the URL with the redirect_uri letter by
 * letter, so wildcards cannot work. RFC 6749, 3.1.2 forbids a fragment.
 */
export const checkCallbackUrl = (url: string): Problem | undefined => {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || rest === undefined)
    return { code: 'error.callbackUrlInvalid', values: [quotable(url)], field: FIELD };
  const [, authority = ''] = /^\/\/([^/?#]*)/.exec(rest) ?? [];
  // This check comes first, and does not quote the URL: the text before the @ may be a password.
  if (authority.includes('@'))
    return {
      code: 'error.callbackUrlCredentials',
      values: [authority.slice(authority.lastIndexOf('@') + 1)],
      field: FIELD,
    };
  const kind = scheme.toLowerCase();
  if (NOT_CUSTOM_SCHEMES.has(kind))
    return { code: 'error.callbackUrlScheme', values: [quotable(url), `${kind}:`], field: FIELD };
  if (url.includes('*')) return { code: 'error.callbackUrlWildcard', values: [quotable(url)], field: FIELD };
  const onTheWeb = kind === 'https' || kind === 'http';
  // `localhost:1717/cb` looks like a scheme called "localhost"; a custom scheme is followed by a path.
  const complete = onTheWeb ? authority !== '' : rest.startsWith('/');
  if (!complete || !hasOnlyUrlCharacters(url) || !URL.canParse(url))
    return { code: 'error.callbackUrlInvalid', values: [quotable(url)], field: FIELD };
  const several = parseCallbackUrls([url]);
  if (several.length > 1)
    return { code: 'error.callbackUrlSeveral', values: [quotable(several.join(', '))], field: FIELD };
  if (url.includes('#'))
    return {
      code: 'error.callbackUrlFragment',
      values: [quotable(url), quotable(url.slice(0, url.indexOf('#')))],
      field: FIELD,
    };
  if (kind === 'http' && !isLoopback(url)) {
    return {
      code: 'error.callbackUrlNotHttps',
      values: [quotable(url), quotable(url.replace(/^http/i, 'https'))],
      field: FIELD,
    };
  }
  return undefined;
};

/**
 * Does Salesforce want a list of IP addresses for the refresh tokens that go to this URL? Not for one on a user's own
 * device: a URL on localhost, or a custom scheme. Nor for one of Salesforce's own hosts (ISVforce guide, as quoted).
 */
export const wantsAllowlist = (url: string): boolean => {
  if (!/^https?:/i.test(url) || !URL.canParse(url) || isLoopback(url)) return false;
  return !/(?:^|\.)(?:salesforce|force|salesforce-setup|cloudforce|visualforce)\.com$/i.test(new URL(url).hostname);
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

/** Salesforce's page that says that a login worked. Apps without a browser login name it, because the field must not be empty. */
export const isPlaceholder = (url: string): boolean =>
  /(?:^|\.)salesforce\.com$/i.test(hostOf(url)) &&
  /\/services\/oauth2\/(?:success|callback)\/?$/i.test(new URL(url).pathname);

/** Can others get a code that goes to this URL, in clear text or by a wildcard? */
export const isInClear = (url: string): boolean =>
  url.includes('*') || (/^http:/i.test(url) && URL.canParse(url) && !isLoopback(url));

/** Pages of tools with which people try a login. They show the code to whoever looks at the page. */
const TRIAL_PAGES: ReadonlySet<string> = new Set([
  'oauth.pstmn.io',
  'www.getpostman.com',
  'oauth.tools',
  'oauthdebugger.com',
  'oidcdebugger.com',
  'openidconnect.net',
  'openidconnect.herokuapp.com',
  'webhook.site',
]);

/** Hosts of tunnels to a developer's machine. Such a name can belong to somebody else tomorrow. */
const TUNNEL =
  /\.(?:ngrok\.(?:io|app|dev)|ngrok-free\.(?:app|dev)|trycloudflare\.com|loca\.lt|lhr\.life|serveo\.net)$/i;

/** Hosts for examples (RFC 2606), and names that no public host can have. */
const EXAMPLE = /^(?:(?:.+\.)?example(?:\.(?:com|net|org))?|.+\.(?:test|invalid)|[^.:[\]]+)$/i;

/** Is it a URL for trials? That is this machine, a tunnel, a tool's page, a placeholder, or a host for examples. */
export const isForTrials = (url: string): boolean => {
  if (isPlaceholder(url) || (URL.canParse(url) && isLoopback(url))) return true;
  if (!/^https?:/i.test(url)) return false;
  const host = hostOf(url);
  return TRIAL_PAGES.has(host) || TUNNEL.test(host) || EXAMPLE.test(host) || isPlayground(url);
};

/** Google's page for trials shares its host with Google's manuals. */
const isPlayground = (url: string): boolean =>
  hostOf(url) === 'developers.google.com' && /^\/oauthplayground\b/.test(new URL(url).pathname);

/** Checks each URL, that no URL is there twice, and that all URLs together are not too long. */
export const checkCallbackUrls = (urls: string[]): Problem[] => {
  const problems = [...new Set(urls)].flatMap((url): Problem[] => {
    const problem = checkCallbackUrl(url);
    if (problem !== undefined) return [problem];
    const twice = urls.indexOf(url) !== urls.lastIndexOf(url);
    return twice ? [{ code: 'error.callbackUrlTwice', values: [quotable(url)], field: FIELD }] : [];
  });
  const length = urls.join('\n').length;
  if (length > CALLBACK_URLS_MAX_LENGTH) {
    problems.push({
      code: 'error.callbackUrlsTooLong',
      values: [String(length), String(CALLBACK_URLS_MAX_LENGTH)],
      field: FIELD,
    });
  }
  return problems;
};
