import type { Row } from './causes.ts';

/**
 * Errors of the network, of proxies and of TLS, where Salesforce gave no answer. The codes are those of Node
 * (`os.constants.errno`, tls), undici and browsers. The texts are those of curl, OpenSSL, Python, Java, Ruby, Go and .NET.
 */
export const NETWORK_ROWS: Row[] = [
  {
    causes: ['proxyRefused'],
    codes: ['http_407', 'err_proxy_connection_failed', 'err_tunnel_connection_failed'],
    words:
      /proxy authentication required|tunnel(ing)? (connection|socket)|connect tunnel failed|unable to connect to proxy|could not resolve proxy|proxyerror|proxy response \(\d+\)/i,
  },
  {
    causes: ['hostCertificateExpired'],
    says: /certificate (has expired|is not yet valid)|certificate has expired or is not yet valid|certificate ?(expired|notyetvalid) ?exception/i,
  },
  { causes: ['hostCertificateExpired'], codes: ['cert_has_expired', 'cert_not_yet_valid', 'err_cert_date_invalid'] },
  {
    causes: ['hostNameMismatch'],
    says: /match certificate.s altnames|hostname mismatch|no (subject alternative|alternative certificate subject) |certificate is (not )?valid for/i,
  },
  { causes: ['hostNameMismatch'], codes: ['err_tls_cert_altname_invalid', 'err_cert_common_name_invalid'] },
  {
    causes: ['hostUntrusted'],
    codes: [
      'cert_chain_too_long',
      'cert_revoked',
      'cert_signature_failure',
      'cert_untrusted',
      'certificate_verify_failed',
      'depth_zero_self_signed_cert',
      'err_cert_authority_invalid',
      'invalid_ca',
      'self_signed_cert_in_chain',
      'unable_to_get_issuer_cert',
      'unable_to_get_issuer_cert_locally',
      'unable_to_verify_leaf_signature',
    ],
    words:
      /self.signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate verify failed|pkix path|valid certification path|signed by unknown authority|ssl connection could not be established|ssl certificate problem|remote certificate is invalid|trust relationship for the ssl/i,
  },
  {
    causes: ['notOverTls'],
    codes: ['eproto', 'err_ssl_protocol_error'],
    words: /wrong.version.number|unrecognized ssl message|first record does not look like a tls handshake/i,
  },
  {
    causes: ['hostNotFound'],
    codes: ['enotfound', 'eai_again', 'err_name_not_resolved'],
    words:
      /could not resolve host|getaddrinfo|(name or service|host is) not known|nodename nor servname|no such host|unknown ?host ?exception|failed to resolve|name resolution|(name does not|could not be) resolve/i,
  },
  {
    causes: ['noAnswerInTime'],
    codes: [
      'econnaborted',
      'err_connection_timed_out',
      'err_timed_out',
      'esockettimedout',
      'etimedout',
      'http_408',
      'und_err_body_timeout',
      'und_err_connect_timeout',
      'und_err_headers_timeout',
    ],
    words:
      /(connect|connection|request|operation|read|write|handshake)( attempt)?( has| was)? timed out|(connect|headers|body|read|open|socket) ?timeout|timeout of \d+ ?ms|timeout was reached|deadline exceeded|i\/o timeout/i,
  },
  {
    causes: ['connectionFailed'],
    codes: [
      'econnrefused',
      'econnreset',
      'ehostunreach',
      'enetunreach',
      'epipe',
      'err_connection_closed',
      'err_connection_refused',
      'err_connection_reset',
      'und_err_socket',
    ],
    words:
      /connection (was )?(refused|reset|aborted)|socket hang up|failed to connect to|couldn.t connect to server|remotedisconnected|premature close|other side closed|actively refused|forcibly closed|no route to host|network is unreachable|empty reply from server|failed to establish a new connection/i,
  },
  // Browsers say so (Salesforce Help, "Enable CORS for OAuth Endpoints").
  {
    causes: ['corsBlocked'],
    says: /blocked by CORS policy|cross-origin request blocked|CORS (missing|request|error)/i,
  },
  // Clients that expect JSON and get an HTML page, or nothing, say so: JavaScript, Python and Java.
  {
    causes: ['pageNoAnswer'],
    says: /unexpected token '?<|<!doctype html|unexpected end of json|expecting value: line 1 column 1|jsondecodeerror|unrecognized token '?<|unexpected character \('<'/i,
  },
  // Clients say so for each of these, where they do not show the cause.
  {
    causes: ['hostNotFound', 'connectionFailed', 'hostUntrusted'],
    codes: ['err_network'],
    words: /\bfetch failed|failed to fetch|^(axioserror: )?network error/i,
  },
];
