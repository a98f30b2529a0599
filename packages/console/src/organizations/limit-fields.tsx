import type { LimitName, LimitsBody, LimitsRecord } from '@darkroom/protocol';
import { TextField } from '../text-field.tsx';

/** The text of each limit; an empty one is the limit of the service. */
export type LimitTexts = Readonly<Record<LimitName, string>>;

interface LimitField {
  readonly name: LimitName;
  readonly label: string;
}

const fields: readonly LimitField[] = [
  { name: 'stored_bytes', label: 'Stored bytes' },
  { name: 'unused_upload_bytes', label: 'Bytes of unused uploads' },
  { name: 'uploads_per_minute', label: 'Uploads per minute' },
  { name: 'requests_per_minute', label: 'Requests per minute' },
  { name: 'body_bytes_per_minute', label: 'Bytes of bodies per minute' },
  { name: 'open_streams', label: 'Open streams' },
  { name: 'queued_requests', label: 'Queued requests' },
];

export function toLimitTexts(limits: LimitsRecord = {}): LimitTexts {
  const toText = (name: LimitName) => limits[name]?.toString() ?? '';
  return {
    stored_bytes: toText('stored_bytes'),
    unused_upload_bytes: toText('unused_upload_bytes'),
    uploads_per_minute: toText('uploads_per_minute'),
    requests_per_minute: toText('requests_per_minute'),
    body_bytes_per_minute: toText('body_bytes_per_minute'),
    open_streams: toText('open_streams'),
    queued_requests: toText('queued_requests'),
  };
}

/** Every limit, `null` for those that are left empty. */
export function toLimitsBody(texts: LimitTexts): LimitsBody {
  return Object.fromEntries(fields.map(({ name }) => [name, texts[name] === '' ? null : Number(texts[name])]));
}

/** `stored bytes 5,000, open streams 50` */
export function toLimitWords(limits: LimitsRecord): string {
  return fields
    .flatMap(({ name, label }) => {
      const value = limits[name];
      return value == null ? [] : [`${label.toLowerCase()} ${value.toLocaleString('en')}`];
    })
    .join(', ');
}

interface LimitFieldsProps {
  readonly texts: LimitTexts;
  readonly onChange: (texts: LimitTexts) => void;
}

/** One field for each limit. */
export function LimitFields({ texts, onChange }: LimitFieldsProps) {
  return (
    <fieldset className="limits">
      <legend className="field">Limits. If a field is empty, the limit of the service applies.</legend>
      <div className="field-row">
        {fields.map(({ name, label }) => (
          <TextField
            key={name}
            label={label}
            type="number"
            min={1}
            value={texts[name]}
            onChange={(text) => onChange({ ...texts, [name]: text })}
          />
        ))}
      </div>
    </fieldset>
  );
}
