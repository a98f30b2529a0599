import { z } from 'zod';

/** The proxies that the settings name. */
export interface ProxyConfig {
  /** For https addresses. A secret: it may contain a password. */
  readonly httpsProxy: string | undefined;
  /** For http addresses. A secret. */
  readonly httpProxy: string | undefined;
  /** What is called directly: names, addresses, networks, `*`. */
  readonly noProxy: readonly string[];
}

/** As other programs accept it: without a scheme, it is an http proxy. */
export const proxySchema = z
  .string({ error: 'must be a string' })
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .pipe(z.url({ protocol: /^https?$/, error: 'must be the http(s) URL of a proxy, e.g. http://proxy.internal:3128' }));

export const noProxySchema = z
  .string({ error: 'must be a string' })
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''));
