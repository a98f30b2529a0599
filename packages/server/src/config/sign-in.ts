import type { SettingOutputs } from './settings.ts';

/** The provider through which people sign in. */
export interface OpenIdConfig {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: string;
  readonly scopes: string;
  readonly rules: {
    readonly groupsClaim: string;
    readonly groups: NonNullable<SettingOutputs['DARKROOM_OIDC_GROUPS']>;
    readonly domains: readonly string[];
  };
}

export interface SignInConfig {
  /** `undefined`: people sign in with keys. */
  readonly openId: OpenIdConfig | undefined;
  readonly sessionIdleMs: number;
  readonly sessionLifetimeMs: number;
  /** How long ended sessions are kept. */
  readonly retainSessionsMs: number;
}

export function toSignIn(values: SettingOutputs, problems: string[]): SignInConfig {
  return {
    openId: toOpenId(values, problems),
    sessionIdleMs: values.DARKROOM_SESSION_IDLE,
    sessionLifetimeMs: values.DARKROOM_SESSION_LIFETIME,
    retainSessionsMs: values.DARKROOM_RETAIN_SESSIONS,
  };
}

const needed = ['DARKROOM_OIDC_CLIENT_ID', 'DARKROOM_OIDC_CLIENT_SECRET', 'DARKROOM_OIDC_GROUPS'] as const;
const others = [
  'DARKROOM_OIDC_GROUPS_CLAIM',
  'DARKROOM_OIDC_DOMAINS',
  'DARKROOM_OIDC_SCOPES',
  'DARKROOM_OIDC_NAME',
] as const;

function toOpenId(values: SettingOutputs, problems: string[]): OpenIdConfig | undefined {
  const { DARKROOM_OIDC_ISSUER: issuer } = values;
  if (issuer === undefined) {
    const given = [...needed, ...others].filter((name) => values[name] !== undefined);
    if (given.length > 0)
      problems.push(
        `DARKROOM_OIDC_ISSUER is not set, so ${given.join(', ')} has no effect: set it, or remove the rest`,
      );
    return undefined;
  }
  const { DARKROOM_OIDC_CLIENT_ID: clientId, DARKROOM_OIDC_CLIENT_SECRET: clientSecret } = values;
  const { DARKROOM_OIDC_GROUPS: groups } = values;
  for (const name of needed)
    if (values[name] === undefined) problems.push(`${name} is not set, and DARKROOM_OIDC_ISSUER needs it`);
  if (clientId === undefined || clientSecret === undefined || groups === undefined) return undefined;
  return {
    name: values.DARKROOM_OIDC_NAME ?? new URL(issuer).host,
    issuer,
    clientId,
    clientSecret,
    scopes: values.DARKROOM_OIDC_SCOPES ?? 'openid profile email',
    rules: {
      groupsClaim: values.DARKROOM_OIDC_GROUPS_CLAIM ?? 'groups',
      groups,
      domains: values.DARKROOM_OIDC_DOMAINS ?? [],
    },
  };
}
