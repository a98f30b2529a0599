import type { FastifyReply, FastifyRequest } from 'fastify';

/** A cookie of this service. Pages cannot read it, and it is sent to this host only. */
export interface Cookie {
  read(request: FastifyRequest): string | undefined;
  set(reply: FastifyReply, value: string, forMs: number): void;
  clear(reply: FastifyReply): void;
}

export interface CookieOptions {
  readonly name: string;
  /** `strict`: the browser sends it with calls from our own pages only. `lax`: also when it is sent here from another site. */
  readonly sameSite: 'Strict' | 'Lax';
  /** Where browsers reach the service. With https there or to a trusted proxy, the cookie never travels without. */
  readonly publicUrl: () => string;
}

/** With the prefix `__Host-`, browsers refuse a cookie of this name from other hosts of the same domain. */
export function createCookie({ name, sameSite, publicUrl }: CookieOptions): Cookie {
  const isSecure = ({ protocol }: FastifyRequest) => protocol === 'https' || publicUrl().startsWith('https:');
  const toName = (request: FastifyRequest) => (isSecure(request) ? `__Host-${name}` : name);
  const write = (reply: FastifyReply, value: string, seconds: number) => {
    const { request } = reply;
    const facts = [`${toName(request)}=${value}`, 'Path=/', `Max-Age=${seconds}`, 'HttpOnly', `SameSite=${sameSite}`];
    reply.header('set-cookie', [...facts, ...(isSecure(request) ? ['Secure'] : [])].join('; '));
  };
  return {
    read: (request) => {
      const start = `${toName(request)}=`;
      const pair = request.headers.cookie?.split('; ').find((one) => one.startsWith(start));
      return pair?.slice(start.length);
    },
    set: (reply, value, forMs) => write(reply, value, Math.floor(forMs / 1_000)),
    clear: (reply) => write(reply, '', 0),
  };
}
