import { organizationIdSchema, roleSchema } from '@darkroom/protocol';
import { z } from 'zod';
import { durationSchema } from './durations.ts';
import { parseJson } from './json-setting.ts';
import { secretText } from './secret-text.ts';

const issuerRule =
  'must be the https URL of a provider, e.g. https://login.example.com; http is possible on this machine only';
const issuerSchema = z
  .url({ error: issuerRule })
  .refine((text) => /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/.test(text), { error: issuerRule });

const text = (what: string) => z.string({ error: `must be ${what}` }).min(1, { error: `must be ${what}` });

const groupsRule =
  'must be a JSON list of groups, e.g. [{"group": "painters", "organization": "acme", "role": "member"}]';
const groupSchema = z.strictObject(
  {
    group: text('the name of a group, or * for everyone'),
    organization: organizationIdSchema.default('default'),
    role: roleSchema,
  },
  { error: 'must be an object {"group", "organization", "role"}' },
);

const domainRule = 'must be domains separated by commas, e.g. example.com,example.org';

/** Least time without use after which a session may end: its use is noted once a minute. */
const leastIdleMs = 300_000;

/** How people sign in to the console. */
export const signInSettings = {
  DARKROOM_OIDC_ISSUER: {
    schema: issuerSchema.optional(),
    flag: 'oidc-issuer',
    description:
      'The provider of OpenID Connect through which people sign in to the console: docs/how-to/sign-in-with-openid-connect.md. Its address is DARKROOM_PUBLIC_URL/api/v1/sign-in/openid-connect/callback there.',
    fallback: 'people sign in with keys',
  },
  DARKROOM_OIDC_CLIENT_ID: {
    schema: text('the id that the provider knows Darkroom by').optional(),
    flag: 'oidc-client-id',
    description: 'The id by which the provider knows Darkroom.',
    fallback: 'none',
  },
  DARKROOM_OIDC_CLIENT_SECRET: {
    schema: secretText.optional(),
    flag: 'oidc-client-secret',
    description: 'The secret that the provider has given Darkroom.',
    fallback: 'none',
    isSecret: true,
  },
  DARKROOM_OIDC_GROUPS: {
    schema: z
      .preprocess(
        parseJson,
        z
          .array(groupSchema, { error: groupsRule })
          .min(1, { error: 'must name at least one group' })
          .max(1_000, { error: 'must name at most 1,000 groups' }),
      )
      .optional(),
    flag: 'oidc-groups',
    description:
      'Who may sign in: a JSON list of the groups of the provider, each with an organization and a role (`viewer`, `member` or `admin`), e.g. [{"group": "painters", "organization": "acme", "role": "member"}]. The group `*` is everyone. Somebody in none of them is refused.',
    fallback: 'none',
  },
  DARKROOM_OIDC_GROUPS_CLAIM: {
    schema: text('the name of a claim').optional(),
    flag: 'oidc-groups-claim',
    description: 'The claim with the groups of a person. A path with dots reaches into other claims.',
    fallback: 'groups',
  },
  DARKROOM_OIDC_DOMAINS: {
    schema: z
      .string({ error: domainRule })
      .transform((list) => list.split(',').map((domain) => domain.trim().toLowerCase()))
      .pipe(z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, { error: domainRule })))
      .optional(),
    flag: 'oidc-domains',
    description: 'Only people with a verified e-mail address of these domains may sign in: a list separated by commas.',
    fallback: 'all, and people without an address',
  },
  DARKROOM_OIDC_SCOPES: {
    schema: z
      .string()
      .regex(/^(\S+ )*openid( \S+)*$/, { error: 'must be scopes separated by spaces, openid among them' })
      .optional(),
    flag: 'oidc-scopes',
    description: 'What Darkroom asks the provider for. Some providers tell the groups only for a further scope.',
    fallback: 'openid profile email',
  },
  DARKROOM_OIDC_NAME: {
    schema: text('a name of 1 to 50 characters').max(50, { error: 'must be a name of 1 to 50 characters' }).optional(),
    flag: 'oidc-name',
    description: 'The name of the provider on the button of the sign-in page.',
    fallback: 'its host',
  },
  DARKROOM_SESSION_IDLE: {
    schema: durationSchema
      .refine((ms) => ms >= leastIdleMs, { error: 'must be a time of at least 5m, since uses are noted once a minute' })
      .default(2 * 3_600_000),
    flag: 'session-idle',
    description: 'After how long without use a person is signed out: a time such as 30m.',
    fallback: '2h',
  },
  DARKROOM_SESSION_LIFETIME: {
    schema: durationSchema.default(12 * 3_600_000),
    flag: 'session-lifetime',
    description: 'How long a sign-in lasts at most. Roles are read from the provider at each sign-in.',
    fallback: '12h',
  },
  DARKROOM_RETAIN_SESSIONS: {
    schema: durationSchema.default(30 * 24 * 3_600_000),
    flag: 'retain-sessions',
    description: 'How long ended sessions stay in the list of sessions.',
    fallback: '30d',
  },
} as const;
