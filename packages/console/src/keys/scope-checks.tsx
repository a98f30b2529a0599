import type { Scope } from '@darkroom/protocol';

const words: readonly { readonly scope: Scope; readonly what: string }[] = [
  { scope: 'read', what: 'Read: see requests, pictures, usage and webhooks' },
  { scope: 'submit', what: 'Submit: make requests and upload pictures' },
  { scope: 'manage', what: 'Manage: cancel, delete, change webhooks' },
  { scope: 'admin', what: 'Operator: may pause, requeue, set budgets and create keys' },
];

/** What a key may do for which nothing else is chosen. */
export const ordinaryScopes: readonly Scope[] = ['read', 'submit', 'manage'];

interface ScopeChecksProps {
  readonly chosen: readonly Scope[];
  readonly onChange: (chosen: readonly Scope[]) => void;
}

/** A check box for each scope. */
export function ScopeChecks({ chosen, onChange }: ScopeChecksProps) {
  return (
    <fieldset className="checks">
      <legend className="field">What it may do</legend>
      <div>
        {words.map(({ scope, what }) => (
          <label key={scope} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(scope)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
              }
            />
            <span>{what}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
