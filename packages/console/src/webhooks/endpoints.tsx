import type { EndpointRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { ReadState } from '../read-state.tsx';
import { EndpointCard } from './endpoint-card.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointSecret } from './endpoint-secret.tsx';
import { useEndpoints, useWebhookChanges } from './webhook-queries.ts';

/** The endpoints that are called for all requests. */
export function Endpoints() {
  const query = useEndpoints();
  const { data } = query;
  const { create, update } = useWebhookChanges();
  const [edited, setEdited] = useState<EndpointRecord>();
  const saving = edited ? update : create;
  return (
    <section className="part" aria-labelledby="endpoints">
      <h2 id="endpoints" className="title">
        Endpoints
      </h2>
      {create.data && <EndpointSecret url={create.data.url} secret={create.data.secret} onDone={create.reset} />}
      <ReadState of={query} />
      {data?.endpoints.length === 0 && <p className="soft">None yet. Add an address to be called for every request.</p>}
      <ul className="endpoints">
        {data?.endpoints.map((endpoint) => (
          <li key={endpoint.id}>
            <EndpointCard record={endpoint} onEdit={() => setEdited(endpoint)} />
          </li>
        ))}
      </ul>
      <EndpointForm
        key={edited?.id ?? `new ${create.data?.id}`}
        edited={edited}
        isBusy={saving.isPending}
        error={saving.error}
        onSave={(endpoint) =>
          edited
            ? update.mutate({ id: edited.id, ...endpoint }, { onSuccess: () => setEdited(undefined) })
            : create.mutate(endpoint)
        }
        onLeave={() => setEdited(undefined)}
      />
    </section>
  );
}
