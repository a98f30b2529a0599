import { type KeyBody, type KeyChange, type KeyRecord, ordinaryScopes } from '@darkroom/protocol';
import { Checks } from '../checks.tsx';
import { toDay, toMidnight } from '../days.ts';
import { LimitFields, type LimitTexts, toLimitsBody, toLimitTexts } from '../organizations/limit-fields.tsx';
import { TextField } from '../text-field.tsx';
import { scopeOptions } from './scopes.ts';

/** What is written in the form of a key. */
export interface KeyTexts {
  readonly name: string;
  readonly organizations: string;
  readonly limits: LimitTexts;
  readonly models: string;
  /** A day, as `2026-12-31`; empty: never. */
  readonly end: string;
  readonly scopes: KeyRecord['scopes'];
  readonly cancelsWhenGone: boolean;
}

/** Of a new key, or of one that exists. */
export function toKeyTexts(key?: KeyRecord): KeyTexts {
  return {
    name: key?.name ?? '',
    organizations: key?.organization_ids.join(', ') ?? '',
    limits: toLimitTexts(key?.limits),
    models: key?.model_ids?.join(', ') ?? '',
    end: key?.expires_at == null ? '' : toDay(key.expires_at),
    scopes: key?.scopes ?? [...ordinaryScopes],
    cancelsWhenGone: key?.cancel_when_gone ?? false,
  };
}

export function toKeyBody({ name, organizations, limits, models, end, scopes, cancelsWhenGone }: KeyTexts): KeyBody {
  const ids = toList(organizations);
  const modelIds = toList(models);
  return {
    name,
    scopes: [...scopes],
    ...(end !== '' && { expires_at: toMidnight(end) }),
    cancel_when_gone: cancelsWhenGone,
    ...(ids.length > 0 && { organization_ids: ids }),
    limits: toLimitsBody(limits),
    ...(modelIds.length > 0 && { model_ids: modelIds }),
  };
}

/** The end stays as it is, to the second, unless another day was chosen. */
export function toKeyChange({ name, limits, models, end, scopes }: KeyTexts, key: KeyRecord): KeyChange {
  const modelIds = toList(models);
  return {
    name,
    scopes: [...scopes],
    limits: toLimitsBody(limits),
    model_ids: modelIds.length > 0 ? modelIds : null,
    ...(end !== toKeyTexts(key).end && { expires_at: end === '' ? null : toMidnight(end) }),
  };
}

function toList(text: string): string[] {
  return text.split(',').flatMap((one) => one.trim() || []);
}

interface KeyFieldsProps {
  readonly texts: KeyTexts;
  /** Does the key exist? Then some of it cannot be changed. */
  readonly isChange: boolean;
  readonly onChange: (changed: Partial<KeyTexts>) => void;
}

export function KeyFields({ texts, isChange, onChange }: KeyFieldsProps) {
  return (
    <>
      <div className="field-row">
        <TextField
          label="Name"
          hint="Who or what will use the key."
          required
          maxLength={100}
          ref={isChange ? focus : undefined}
          value={texts.name}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Organizations"
          hint={isChange ? organizationsStay : organizationsHint}
          disabled={isChange}
          pattern={organizationsPattern}
          title="Letters, digits, dots, dashes and underscores, separated by commas."
          value={texts.organizations}
          onChange={(organizations) => onChange({ organizations })}
        />
        <TextField
          label="Ends on"
          hint="At the beginning of this day. If empty, the key does not expire."
          type="date"
          value={texts.end}
          onChange={(end) => onChange({ end })}
        />
        <TextField
          label="Models"
          hint="Ids, separated by commas. If empty, all models are allowed."
          value={texts.models}
          onChange={(models) => onChange({ models })}
        />
      </div>
      <LimitFields texts={texts.limits} onChange={(limits) => onChange({ limits })} />
      <Checks
        legend="What it may do"
        options={scopeOptions}
        chosen={texts.scopes}
        onChange={(scopes) => onChange({ scopes: [...scopes] })}
      />
      {!isChange && (
        <label className="check">
          <input
            type="checkbox"
            checked={texts.cancelsWhenGone}
            onChange={(event) => onChange({ cancelsWhenGone: event.target.checked })}
          />
          <span>Cancel queued requests when the client that waits for them goes away</span>
        </label>
      )}
    </>
  );
}

const organizationsPattern = String.raw`\s*[\w.\-]{1,100}(\s*,\s*[\w.\-]{1,100})*\s*`;
const organizationsHint = 'Separated by commas. The first one is the default. If empty: the default organization.';
const organizationsStay = 'They cannot be changed. Create another key for other organizations.';

/** The form is above the table whose button opened it. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
