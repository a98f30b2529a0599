import type { Role } from '@darkroom/protocol';
import { formatSessionToken, parseSessionCookie } from '../src/core/session-token.ts';
import { sessionCookie } from '../src/http/sessions.ts';
import type { Sessions } from '../src/people/sessions.ts';

/** A person's session, as the browser has it. */
export interface TestSession {
  readonly id: string;
  readonly apiKeyId: string;
  /** What the page sends instead of a key. */
  readonly token: string;
  readonly cookie: string;
  /** With the cookie, and what a proxy would say. */
  readonly headers: { readonly cookie: string };
}

/** Signs a person in who has these roles in organizations; the first is the default. */
export async function beginSession(
  sessions: Sessions,
  roles: Readonly<Record<string, Role>> = { 'org-a': 'member' },
  subject = 'pia',
): Promise<TestSession> {
  const [first = '', ...others] = Object.keys(roles);
  const name = `${subject}@acme.example`;
  const known = {
    person: { issuer: 'https://login.example', subject, roles },
    name,
    organizationIds: [first, ...others],
  } as const;
  const actor = { kind: 'person', id: subject, name, address: '203.0.113.9' } as const;
  const begun = await sessions.begin(known, { address: '203.0.113.9', browser: 'Firefox' }, actor);
  const half = begun && parseSessionCookie(begun.cookie);
  if (!half) throw new Error('The person may not sign in.');
  const { cookie, apiKeyId } = begun;
  return {
    id: half.id,
    apiKeyId,
    token: formatSessionToken(half),
    cookie,
    headers: { cookie: `theme=dark; ${sessionCookie}=${cookie}` },
  };
}
